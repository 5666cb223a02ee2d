/**
 * Low-confidence remasking, as LLaDA and dLLM call it, or MaskGIT decoding: write the slots whose token the network is
 * surest of; the least confident stay masked. Sources: MaskGIT (arXiv 2202.04200), LLaDA (arXiv 2502.09992) generate.py.
 */
import { byScore, confidence } from '../sampler.ts';

export const confidenceSampler = byScore(
  {
    name: 'confidence',
    source: 'MaskGIT (arXiv 2202.04200); LLaDA (arXiv 2502.09992) generate.py, low_confidence; dLLM mdlm.py',
    aliases: ['low_confidence', 'maskgit'],
    exactFor: false,
  },
  confidence,
);
