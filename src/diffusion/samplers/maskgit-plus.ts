/**
 * Dream's `maskgit_plus` (arXiv 2508.15487, generation_utils.py): surest first like `confidence`, but sure in the
 * distribution the token was drawn from, after temperature, top-k and top-p. At temperature 1 without truncation, and at
 * temperature 0 unless `exact` (`ranksCut`), the two are the same. How many slots a step writes follows this program's plan, not Dream's rounding.
 */
import { byScore } from '../sampler.ts';
import { drawnFrom } from '../truncate.ts';

export const maskgitPlusSampler = byScore(
  {
    name: 'maskgit-plus',
    source: 'Dream (arXiv 2508.15487) generation_utils.py, alg="maskgit_plus"',
    exactFor: false,
    paper: { temperature: 0.2, topP: 0.95 },
  },
  (prediction, row, { settings }) => drawnFrom(prediction, row, settings).chosen,
);
