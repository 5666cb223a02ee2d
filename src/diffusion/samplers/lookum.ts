/** Writes what leaves the least uncertainty behind it, whatever it costs now (`look-ahead.ts`). */
import { lookingAhead } from '../look-ahead.ts';

export const lookumSampler = lookingAhead(
  {
    name: 'lookum',
    source: 'LookUM, the variant of the Info-Gain Sampler (arXiv 2602.18176) without the cost of what is written',
  },
  () => 0,
);
