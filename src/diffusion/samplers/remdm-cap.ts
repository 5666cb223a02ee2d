/**
 * ReMDM with a cap: σ = min(η, σ_max). Few tokens are masked again, at an even rate until close to the end. ReMDM (arXiv
 * 2503.00307), `remdm-cap` in diffusion.py, η = 0.008 there.
 */
import { gridRates } from '../plan.ts';
import { evenly, remdm, sigmaMax } from '../remdm.ts';

export const remdmCapSampler = remdm(
  {
    name: 'remdm-cap',
    source: 'ReMDM (arXiv 2503.00307); remdm diffusion.py, remdm-cap',
    exactFor: true,
    uses: ['eta'],
    paper: { eta: 0.008, topP: 0.9, block: 0 },
  },
  ({ schedule, grid, layout, settings }) => {
    const rates = gridRates(schedule, grid, layout.steps);
    return evenly(rates, Math.min(settings.eta, sigmaMax(rates)));
  },
);
