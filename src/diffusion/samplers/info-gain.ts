/** Writes what leaves the least uncertainty behind it, for the least now (`look-ahead.ts`). */
import { lookingAhead } from '../look-ahead.ts';

export const infoGainSampler = lookingAhead(
  { name: 'info-gain', source: 'Info-Gain Sampler (arXiv 2602.18176); dLLM pull request 111' },
  (written) => written,
);
