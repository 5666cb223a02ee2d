/**
 * Ancestral sampling, MDLM's own reverse process (arXiv 2406.07524, `ddpm` in diffusion.py): from t to s every mask
 * is revealed, independently of the others, with chance (α_s − α_t) / (1 − α_t) = 1 − p(s)/p(t). How many are written at
 * a step is left to chance. With many steps it draws from the model's joint distribution.
 */
import { byChance } from '../chance.ts';
import { gridRates } from '../plan.ts';

export const ancestralSampler = byChance(
  {
    name: 'ancestral',
    source: 'MDLM (arXiv 2406.07524), reverse process; mdlm diffusion.py, ddpm and ddpm_cache',
    aliases: ['ddpm', 'ddpm_cache'],
    family: 'one by one',
    exactFor: true,
    uses: ['steps', 'schedule', 'seed'],
  },
  ({ schedule, grid, layout }) => {
    const { now, next } = gridRates(schedule, grid, layout.steps);
    return { reveal: now === 0 ? 1 : 1 - next / now };
  },
);
