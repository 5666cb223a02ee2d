/**
 * Largest margin first: write the slots where the best token beats the second by most. Dream (arXiv 2508.15487)
 * `topk_margin`; analysed in "Train for the worst, plan for the best" (arXiv 2502.06768). Taken at temperature 1;
 * `topk-margin` takes the temperature in.
 */
import { byScore } from '../sampler.ts';

export const marginSampler = byScore(
  {
    name: 'margin',
    source: 'Train for the worst, plan for the best (arXiv 2502.06768), top probability margin',
    exactFor: true,
  },
  (prediction, row) => {
    const best = prediction.topLogProbs[row * prediction.topK] as number;
    const second = prediction.topK > 1 ? (prediction.topLogProbs[row * prediction.topK + 1] as number) : -Infinity;
    return Math.exp(best) - Math.exp(second);
  },
);
