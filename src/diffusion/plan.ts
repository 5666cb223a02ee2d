/**
 * The reveal plan: how many of n masked slots each of S steps reveals. It is dLLM's `get_num_transfer_tokens` (MDLM's
 * reverse process with the count rounded instead of drawn): time runs over the grid t = 1, (S−1)/S, …, 0, and the step
 * from t to s reveals the fraction 1 − p(s)/p(t) of what is still masked.
 */
import { binomial, type Pair, Stream, stepKey } from './rng.ts';
import type { Schedule } from './schedule.ts';

/** One step of a plan. Grid points that reveal nothing are kept with count 0; the generation loop skips them. */
export interface PlannedStep {
  /** Grid point j: the step goes from t = (S − j)/S to s = (S − j − 1)/S. */
  readonly grid: number;
  readonly count: number;
}

/** Draws the counts from a binomial instead of rounding its mean. */
export interface Stochastic {
  readonly seed: number;
  readonly block: number;
}

/**
 * p(t) as dLLM gets it: 1 − α with α stored as float32. The roundings decide ties such as 32 slots in 12 steps. Of the
 * plans for up to 128 slots and steps, all linear ones and all but 3 of 16384 cosine ones equal a float32 NumPy port;
 * those 3 move one token, because a float32 cosine may round its last bit either way.
 */
function maskRate32(schedule: Schedule, t: number): number {
  return Math.fround(1 - Math.fround(1 - schedule.maskRate(Math.fround(t))));
}

/** Chance that a masked slot is revealed at grid point j of S, in float32. The last grid point reveals everything. */
export function revealFraction(schedule: Schedule, grid: number, steps: number): number {
  // Also for schedules whose p(0) is not exactly 0 (geometric, clipped): a text has to be finished.
  if (grid >= steps - 1) return 1;
  const t = maskRate32(schedule, (steps - grid) / steps);
  const s = maskRate32(schedule, (steps - grid - 1) / steps);
  return Math.fround(1 - Math.fround(s / t));
}

export interface Rates {
  /** Share of the block that should be masked before the step, and after it. */
  readonly now: number;
  readonly next: number;
}

/**
 * Mask rates around grid point j of S, as shares of that at t = 1, because every run begins with everything masked; after
 * the last grid point 0, because a text has to be finished. Double precision.
 */
export function gridRates(schedule: Pick<Schedule, 'maskRate'>, grid: number, steps: number): Rates {
  const most = schedule.maskRate(1);
  return {
    now: schedule.maskRate((steps - grid) / steps) / most,
    next: grid >= steps - 1 ? 0 : schedule.maskRate((steps - grid - 1) / steps) / most,
  };
}

/** Nearest integer, halves to the even one: `torch.round`. */
export function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/**
 * How many of `remaining` masked slots grid point j reveals. Depends on nothing but its arguments, so a run that was
 * stopped, edited or branched plans on from any grid point with the masks it then has.
 */
export function revealCount(
  schedule: Schedule,
  remaining: number,
  grid: number,
  steps: number,
  stochastic?: Stochastic,
): number {
  const fraction = revealFraction(schedule, grid, steps);
  if (stochastic === undefined) return Math.min(roundHalfEven(remaining * fraction), remaining);
  const key: Pair = stepKey(stochastic.seed, grid, Stream.Binomial);
  return binomial(key, stochastic.block, remaining, fraction);
}

/** The plan for `masks` slots from grid point `from` of `steps` on. Counts sum to `masks`; stops when none is left. */
export function revealPlan(
  schedule: Schedule,
  masks: number,
  steps: number,
  from = 0,
  stochastic?: Stochastic,
): PlannedStep[] {
  const plan: PlannedStep[] = [];
  let remaining = masks;
  for (let grid = from; grid < steps && remaining > 0; grid++) {
    const count = revealCount(schedule, remaining, grid, steps, stochastic);
    plan.push({ grid, count });
    remaining -= count;
  }
  return plan;
}

/** LLaDA's own rule (generate.py): ⌊n/S⌋ per step, one more in the first n mod S steps. For comparison only. */
export function evenPlan(masks: number, steps: number): number[] {
  return Array.from({ length: steps }, (_, j) => Math.floor(masks / steps) + (j < masks % steps ? 1 : 0));
}
