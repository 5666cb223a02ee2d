/**
 * Dream's `topk_margin` (arXiv 2508.15487, generation_utils.py): the clearest lead first like `margin`, but of the
 * distribution tokens are drawn from, after temperature, top-k and top-p. At temperature 1 without truncation, and at
 * temperature 0 unless `exact` (`ranksCut`), the two are the same.
 */
import { byScore } from '../sampler.ts';
import { drawnFrom } from '../truncate.ts';

export const topkMarginSampler = byScore(
  {
    name: 'topk-margin',
    source: 'Dream (arXiv 2508.15487) generation_utils.py, alg="topk_margin"',
    exactFor: true,
    paper: { temperature: 0.2, topP: 0.95 },
  },
  (prediction, row, { settings }) => {
    const { probabilities } = drawnFrom(prediction, row, settings);
    return (probabilities[0] as number) - (probabilities[1] ?? 0);
  },
);
