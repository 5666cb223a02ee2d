/**
 * ReMDM's loop: write nearly everything, then stand still in time and correct, then finish. Until t_on the share written
 * rises to α_on as in MDLM; between t_on and t_off it is held there while tokens are masked again with σ = η and others
 * take their place; after t_off the rest is written as in MDLM. ReMDM (arXiv 2503.00307), `remdm-loop` in
 * diffusion.py, whose straight lines are here stretches of the chosen schedule. That code differs in three ways that are not
 * followed: a step that crosses t_on overshoots α_on (with 4 steps the one to t = .75 reveals all), one that crosses t_off
 * still masks again with η, and η is not bounded by σ_max (η = .5 at α = .9 would be a chance of 4.5).
 */
import type { Rates } from '../plan.ts';
import { evenly, remdm, sigmaMax } from '../remdm.ts';
import type { Schedule } from '../schedule.ts';
import type { Settings } from '../settings.ts';

type Phases = Pick<Settings, 'tOn' | 'tOff' | 'alphaOn'>;

/** Mask rate of the loop at time t; `share` is the schedule's own, 1 at t = 1. */
function loopRate(share: (t: number) => number, { tOn, tOff, alphaOn }: Phases, t: number): number {
  if (t > tOn) return 1 - alphaOn * (1 - share((t - tOn) / (1 - tOn)));
  if (t > tOff) return 1 - alphaOn;
  return (1 - alphaOn) * share(tOff === 0 ? 0 : t / tOff);
}

/** As `gridRates`, along the three phases. Exported for its test. */
export function loopRates(schedule: Pick<Schedule, 'maskRate'>, phases: Phases, grid: number, steps: number): Rates {
  const share = (t: number) => schedule.maskRate(t) / schedule.maskRate(1);
  return {
    now: loopRate(share, phases, (steps - grid) / steps),
    next: grid >= steps - 1 ? 0 : loopRate(share, phases, (steps - grid - 1) / steps),
  };
}

export const remdmLoopSampler = remdm(
  {
    name: 'remdm-loop',
    source: 'ReMDM (arXiv 2503.00307); remdm diffusion.py, remdm-loop, with σ bounded and its phases kept to',
    exactFor: true,
    uses: ['eta', 'tOn', 'tOff', 'alphaOn'],
    paper: { eta: 0.02, tOn: 0.55, tOff: 0.05, alphaOn: 0.9, topP: 0.9, block: 0 },
  },
  ({ schedule, grid, layout, settings }) => {
    const { tOn } = settings;
    const tOff = Math.min(settings.tOff, tOn);
    const rates = loopRates(schedule, { ...settings, tOff }, grid, layout.steps);
    const time = (layout.steps - grid) / layout.steps;
    return evenly(rates, time <= tOn && time > tOff ? Math.min(settings.eta, sigmaMax(rates)) : 0);
  },
);
