/**
 * AR-Diffusion's times by position (arXiv 2305.09515 §3.2; train_utils/resample.py, XYUniformSampler): every token has a time
 * of its own, and those to the left are always further on, so a text is written from the left, many tokens at once. There
 * noise is added to embeddings; here a token is masked with the schedule's chance at its time, and written between two of
 * its times t and s < t with chance 1 − p(s)/p(t). Which tokens are written does not depend on what they are.
 */
import { byChance } from '../chance.ts';
import type { Situation } from '../sampler.ts';
import { lineIndices, type TokenLine, tokenTimes } from '../token-times.ts';

/** Of the original's training; its generation goes through some of them. */
const TIMES = 2000;

/** Chance by place in the block, at a grid point of S. Exported for its test. */
export function positionChances({ schedule, grid, layout }: Pick<Situation, 'schedule' | 'grid' | 'layout'>) {
  const line: TokenLine = { tokens: Math.max(layout.width, 1), steps: TIMES };
  const points = lineIndices(line, layout.steps);
  const at = Math.min(grid, layout.steps - 1);
  const rates = (point: number) =>
    Array.from(tokenTimes(points[point] as number, line), (time) => schedule.maskRate(time / (TIMES - 1)));
  const [now, next] = [rates(at), rates(at + 1)];
  return now.map((rate, place) => (rate === 0 || at === layout.steps - 1 ? 1 : 1 - (next[place] as number) / rate));
}

export const positionsSampler = byChance(
  {
    name: 'positions',
    source: 'AR-Diffusion (arXiv 2305.09515) XYUniformSampler',
    aliases: ['ar-diffusion'],
    family: 'one by one',
    exactFor: true,
    wholeText: true,
    uses: ['steps', 'schedule', 'seed'],
    paper: { steps: 20, schedule: 'sqrt-ar', block: 0 },
  },
  (situation) => {
    const chances = positionChances(situation);
    const { layout, block } = situation;
    // Masks before the block are long due.
    return { reveal: (slot) => chances[slot - layout.start - block * layout.width] ?? 1 };
  },
);
