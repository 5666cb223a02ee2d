/**
 * Lowest entropy first: write the slots whose whole distribution is most decided, not only their best token. Dream
 * (arXiv 2508.15487) `entropy`, whose score is Σ p ln p.
 */
import { byScore } from '../sampler.ts';

export const entropySampler = byScore('entropy', (prediction, row) => -(prediction.entropy[row] as number));
