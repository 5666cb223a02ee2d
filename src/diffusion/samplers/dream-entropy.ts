/**
 * Dream's `entropy` (arXiv 2508.15487, generation_utils.py): lowest entropy first like `entropy`, but of the distribution
 * tokens are drawn from, after temperature, top-k and top-p. At temperature 1 without truncation, and at temperature 0
 * unless `exact` (`ranksCut`), the two are the same.
 */
import { byScore } from '../sampler.ts';
import { drawnFrom } from '../truncate.ts';

export const dreamEntropySampler = byScore(
  {
    name: 'dream-entropy',
    source: 'Dream (arXiv 2508.15487) generation_utils.py, alg="entropy"',
    exactFor: true,
    paper: { temperature: 0.2, topP: 0.95 },
  },
  (prediction, row, { settings }) => -drawnFrom(prediction, row, settings).entropy,
);
