/**
 * Factor decoding of Fast-dLLM (arXiv 2505.22618): with confidences sorted, write rank r = 1, 2, … as long as
 * conf_r ≥ 1 − f/(r + 1). For f = 1 this is their theorem: n tokens each surer than 1 − 1/(n + 1) are together the
 * likeliest joint choice, so writing them at once loses nothing against one at a time.
 */
import { candidateRows, confidence, rank, reveal, type Sampler } from '../sampler.ts';

export const factorSampler: Sampler = {
  name: 'factor',
  source: 'Fast-dLLM (arXiv 2505.22618), factor-based parallel decoding',
  family: 'parallel',
  exactFor: false,
  followsPlan: false,
  uses: ['factor'],
  paper: { factor: 1, block: 32, temperature: 0 },
  choose(situation, prediction) {
    const score = (row: number) => confidence(prediction, row);
    const ranked = rank(candidateRows(situation, prediction), score);
    const short = ranked.findIndex(
      (row, place) => place > 0 && score(row) < 1 - situation.settings.factor / (place + 2),
    );
    return reveal(prediction, short < 0 ? ranked : ranked.slice(0, short));
  },
};
