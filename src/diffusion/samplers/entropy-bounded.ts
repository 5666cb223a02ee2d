/**
 * Entropy-bounded sampler (EB-Sampler, arXiv 2505.24857): with the open slots sorted by entropy, write the longest
 * start of the list whose sum of entropies less the largest is at most γ. That sum bounds what the tokens written together
 * can still say about each other, so γ = 0 writes one at a time, unless the others are certain.
 */
import { candidateRows, rank, reveal, type Sampler } from '../sampler.ts';

export const entropyBoundedSampler: Sampler = {
  name: 'entropy-bounded',
  source: 'EB-Sampler (arXiv 2505.24857), error proxy entropy',
  aliases: ['eb-sampler'],
  family: 'parallel',
  exactFor: true,
  followsPlan: false,
  uses: ['gamma'],
  choose(situation, prediction) {
    const rows = candidateRows(situation, prediction);
    // Tokens of probability 0 are those that the setting `ends` makes wait for all others.
    const due = rows.filter((row) => prediction.logProbs[row] !== -Infinity);
    const ranked = rank(due.length > 0 ? due : rows, (row) => -(prediction.entropy[row] as number));
    let sum = 0;
    const first = ranked.findIndex((row, place) => {
      // Ascending, so this row's entropy is the largest so far, and `sum` is the total of the others.
      if (place > 0 && sum > situation.settings.gamma) return true;
      sum += prediction.entropy[row] as number;
      return false;
    });
    return reveal(prediction, first < 0 ? ranked : ranked.slice(0, first));
  },
};
