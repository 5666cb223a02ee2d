/**
 * DiffusionBERT's spindle as an order (arXiv 2211.15029 §4.2; diffusion_word_freq.py): in its forward process tokens that say
 * much are masked early and common ones late, so backwards common words come first. Between t and s < t a slot is written
 * with chance 1 − p(s)/p(t), where p is the spindle's rate of the token that was drawn for it.
 *
 * The original counts words in the text it was trained on. A model comes without such counts, so how common a token is is
 * taken from its id: vocabularies of byte pairs number their tokens in the order in which they were merged, and by Zipf's
 * law the logarithm of a count falls with that of the rank. Over the tokens of public/data/sample.txt in the vocabulary of
 * stories this correlates with counted frequencies by 0.82 and spreads half as far, so the spindle bends less than counts
 * would bend it.
 */
import { isOpen } from '../canvas.ts';
import { coins } from '../chance.ts';
import type { Prediction } from '../network.ts';
import { candidateRows, reveal, type Sampler, type Situation } from '../sampler.ts';
import { commonByRank, spindleMaskRate } from '../token-times.ts';

export const spindleSampler: Sampler = {
  name: 'spindle',
  source: 'DiffusionBERT (arXiv 2211.15029) diffusion_word_freq.py',
  family: 'one by one',
  // What is written depends on what was drawn.
  exactFor: false,
  wholeText: true,
  followsPlan: false,
  followsTime: true,
  uses: ['steps', 'seed'],
  paper: { block: 0 },
  choose(situation, prediction) {
    const chances = spindleChances(situation, prediction);
    const coin = coins(situation, 'reveal');
    return reveal(
      prediction,
      candidateRows(situation, prediction).filter(
        (row) => coin(prediction.slots[row] as number) < (chances[row] as number),
      ),
    );
  },
};

/** Chance of every row of the prediction. Exported for its test. */
export function spindleChances({ canvas, grid, layout }: Situation, prediction: Prediction): number[] {
  const time = (point: number) => Math.max(0, 1 - point / layout.steps);
  const [t, s] = [time(Math.min(grid, layout.steps - 1)), time(grid + 1)];
  const drawn = Array.from(prediction.ids, commonByRank);
  const text = [...drawn];
  for (const [slot, id] of canvas.ids.entries())
    if (!isOpen(canvas.states[slot] as number)) text.push(commonByRank(id));
  const mean = text.reduce((sum, value) => sum + value, 0) / Math.max(1, text.length);
  // At time 0 all stand.
  const rate = (at: number, common: number) => (at === 0 ? 0 : spindleMaskRate(at, common - mean));
  return drawn.map((common) => 1 - rate(s, common) / rate(t, common));
}
