/**
 * ReMDM with a rescaled bound: σ = η σ_max. Most is masked again early, when little is written, and less and less towards
 * the end. ReMDM (arXiv 2503.00307), `remdm-rescale` in diffusion.py, η = 0.015 there.
 */
import { gridRates } from '../plan.ts';
import { evenly, remdm, sigmaMax } from '../remdm.ts';

export const remdmRescaleSampler = remdm(
  {
    name: 'remdm-rescale',
    source: 'ReMDM (arXiv 2503.00307); remdm diffusion.py, remdm-rescale',
    exactFor: true,
    uses: ['eta'],
    paper: { eta: 0.015, topP: 0.9, block: 0 },
  },
  ({ schedule, grid, layout, settings }) => {
    const rates = gridRates(schedule, grid, layout.steps);
    return evenly(rates, settings.eta * sigmaMax(rates));
  },
);
