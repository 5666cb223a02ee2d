/**
 * Dream's `origin` (arXiv 2508.15487, generation_utils.py): ancestral sampling of the linear schedule on Dream's own time
 * grid, which runs from 1 down to ε = 10⁻³ in equal steps; every mask is revealed with chance 1 − s/t, and at the last
 * step all are. It takes no schedule.
 */
import { byChance } from '../chance.ts';

const EPS = 1e-3;

/** Chance of a reveal at grid point j of S. Exported for its test. */
export function originChance(grid: number, steps: number): number {
  const time = (j: number) => 1 - (j / steps) * (1 - EPS);
  return grid >= steps - 1 ? 1 : 1 - time(grid + 1) / time(grid);
}

export const originSampler = byChance(
  {
    name: 'origin',
    source: 'Dream (arXiv 2508.15487) generation_utils.py, alg="origin"',
    family: 'one by one',
    exactFor: true,
    uses: ['steps', 'seed'],
  },
  ({ grid, layout }) => ({ reveal: originChance(grid, layout.steps) }),
);
