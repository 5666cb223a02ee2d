/**
 * Barry's Game of Life (the first version of tiny-diffusion): the text lies on a torus, rows of a width; when it has been
 * written, surest first, the cells alive are masked and written again, generation after generation. The masks are
 * written at the mean pace of the block.
 */
import { lifeAfter } from '../life.ts';
import { candidateRows, confidence, PLANNED, rank, reveal, type Sampler, type Situation } from '../sampler.ts';

/** Slots whose cells are alive. The torus is the block; cells that hold the prompt live, but are not masked. */
function alive({ layout, block, grid, settings, rewritable, canvas }: Situation): number[] {
  const first = layout.start + block * layout.width;
  const count = Math.min(layout.width, canvas.ids.length - first);
  const { cells } = lifeAfter(settings.seed, block, settings.width, count, grid - layout.steps);
  return rewritable.filter((slot) => cells[slot - first] === 1);
}

export const gameOfLifeSampler: Sampler = {
  name: 'game-of-life',
  source: 'N. Barry, tiny-diffusion, first version: game of life animation',
  family: 'remasking',
  exactFor: false,
  wholeText: true,
  followsPlan: true,
  revisits: true,
  extraSteps: ({ generations }) => generations,
  uses: [...PLANNED.filter((name) => name !== 'exact'), 'width', 'generations', 'seed'],
  choose(situation, prediction) {
    const { candidates, quota } = situation;
    if (candidates.length === 0) return { reveal: [], remask: alive(situation) };
    const ranked = rank(candidateRows(situation, prediction), (row) => confidence(prediction, row));
    return reveal(prediction, ranked.slice(0, quota));
  },
};
