/**
 * Lowest entropy first: write the slots whose whole distribution is most decided, not only their best token. Dream
 * (arXiv 2508.15487) `entropy`, whose score is Σ p ln p. Taken at temperature 1; `dream-entropy` takes the temperature in.
 */
import { byScore } from '../sampler.ts';

export const entropySampler = byScore(
  {
    name: 'entropy',
    source: 'Dream (arXiv 2508.15487) generation_utils.py, alg="entropy", at temperature 1',
    exactFor: true,
  },
  (prediction, row) => -(prediction.entropy[row] as number),
);
