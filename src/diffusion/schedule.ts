/**
 * Noise schedules: how much of the text is masked at time t, from t = 0 (none) to t = 1 (all). Training reads the loss
 * weight from them, generation the number of slots to reveal per step (`plan.ts`). With α = 1 − p as in MDLM (arXiv
 * 2406.07524), a masked token is revealed between t and s < t with chance (p(t) − p(s)) / p(t), and the continuous-time
 * loss weighs the cross-entropy at t by p'(t) / p(t).
 */
import type { Text } from '../text/said.ts';
import type { ScheduleName } from './settings.ts';

export interface Schedule {
  readonly name: string;
  /** p(t) in the notation of the papers, for people. */
  readonly formula: Text;
  /** Where it comes from. */
  readonly source: string;
  /** p(t): chance that a token is masked at time t in [0, 1]. Never decreases. */
  maskRate(t: number): number;
  /** p'(t). */
  derivative(t: number): number;
  /** Loss weight w(t) = p'(t) / p(t), in closed form. Infinite at t = 0 where p = 0: draw t from [1e-3, 1). */
  weight(t: number): number;
}

/** Keeps p(1) just below 1 in mdlm's schedules, so that log(1 − p) stays finite. */
const EPS = 1e-3;
const HALF_PI = Math.PI / 2;

/** dLLM and LLaDA. mdlm and bd3lms call it loglinear and write (1 − ε)t: same weight, same reveal fractions. */
const linear: Schedule = {
  name: 'linear',
  formula: 't',
  source: 'LLaDA (arXiv 2502.09992); dLLM LinearAlphaScheduler; mdlm loglinear up to 1 − ε',
  maskRate: (t) => t,
  derivative: () => 1,
  weight: (t) => 1 / t,
};

/** Stays masked for long: generation reveals few tokens first, many last. The mirror image of `cosine-mdlm`. */
const cosine: Schedule = {
  name: 'cosine',
  formula: 'sin(πt/2)',
  source: 'MaskGIT (arXiv 2202.04200); dLLM CosineAlphaScheduler, α = 1 − cos(π/2 (1 − t))',
  maskRate: (t) => Math.sin(HALF_PI * t),
  derivative: (t) => HALF_PI * Math.cos(HALF_PI * t),
  weight: (t) => HALF_PI / Math.tan(HALF_PI * t),
};

/** Unmasks early: many tokens first, few last. The mirror image of dLLM's `cosine`, under the same name there. */
const cosineMdlm: Schedule = {
  name: 'cosine-mdlm',
  formula: '(1 − ε)(1 − cos(πt/2)), ε = 10⁻³',
  source: 'mdlm noise_schedule.py, CosineNoise; that of bd3lms adds ε to p',
  maskRate: (t) => (1 - EPS) * (1 - Math.cos(HALF_PI * t)),
  derivative: (t) => (1 - EPS) * HALF_PI * Math.sin(HALF_PI * t),
  // sin / (1 − cos) = cot of the half angle, without the cancellation near t = 0.
  weight: (t) => HALF_PI / Math.tan((HALF_PI * t) / 2),
};

const cosineSquared: Schedule = {
  name: 'cosine-squared',
  formula: '(1 − ε) sin²(πt/2), ε = 10⁻³',
  source: 'mdlm noise_schedule.py, CosineSqrNoise',
  maskRate: (t) => (1 - EPS) * Math.sin(HALF_PI * t) ** 2,
  derivative: (t) => (1 - EPS) * HALF_PI * Math.sin(Math.PI * t),
  weight: (t) => Math.PI / Math.tan(HALF_PI * t),
};

/** A schedule given by its total noise σ(t): p = 1 − e^−σ, so w = σ' / (e^σ − 1). */
function fromNoise(
  about: Pick<Schedule, 'name' | 'formula' | 'source'>,
  sigma: (t: number) => number,
  slope: (t: number) => number,
): Schedule {
  return {
    ...about,
    maskRate: (t) => -Math.expm1(-sigma(t)),
    derivative: (t) => slope(t) * Math.exp(-sigma(t)),
    weight: (t) => slope(t) / Math.expm1(sigma(t)),
  };
}

const SIGMA_MIN = 1e-3;

/** p(0) = 0.001 and p(1) = 0.632, not 0 and 1; the reveal plan still finishes. */
const geometric = fromNoise(
  {
    name: 'geometric',
    formula: '1 − exp(−σ), σ = 10⁻³⁽¹⁻ᵗ⁾',
    source: 'mdlm noise_schedule.py, GeometricNoise, σ from 10⁻³ to 1',
  },
  (t) => SIGMA_MIN ** (1 - t),
  (t) => SIGMA_MIN ** (1 - t) * -Math.log(SIGMA_MIN),
);

const linearSigma = fromNoise(
  { name: 'linear-sigma', formula: '1 − exp(−10t)', source: 'mdlm noise_schedule.py, Linear, σ from 0 to 10' },
  (t) => 10 * t,
  () => 10,
);

const square: Schedule = {
  name: 'square',
  formula: 't²',
  source: 'bd3lms (arXiv 2503.09573) noise_schedule.py, ExpNoise with exponent 2, without its floor of p at 10⁻³',
  maskRate: (t) => t * t,
  derivative: (t) => 2 * t,
  weight: (t) => 2 / t,
};

const squareRoot: Schedule = {
  name: 'square-root',
  formula: '√t',
  source: 'bd3lms noise_schedule.py, ExpNoise with exponent 1/2',
  maskRate: Math.sqrt,
  derivative: (t) => 0.5 / Math.sqrt(t),
  weight: (t) => 0.5 / t,
};

const log: Schedule = {
  name: 'log',
  formula: 'ln(1 + t) / ln 2',
  source: 'bd3lms noise_schedule.py, LogarithmicNoise',
  maskRate: (t) => Math.log1p(t) / Math.LN2,
  derivative: (t) => 1 / ((1 + t) * Math.LN2),
  weight: (t) => 1 / ((1 + t) * Math.log1p(t)),
};

/**
 * Mask rates drawn from U[β, ω] only: rates near 0 teach little and rates near 1 have noisy gradients. The weight is
 * BD3's 1/p, not p'/p = (ω − β)/p: the clipped draws stand in for the whole unit interval of mask rates.
 */
export function clippedSchedule(beta = 0.3, omega = 0.8): Schedule {
  return {
    name: 'clipped',
    formula: `${beta} + ${(omega - beta).toPrecision(2)} t`,
    source: 'BD3-LM (arXiv 2503.09573) §5, clipped schedules; U[0.3, 0.8] is its best for blocks of 16',
    maskRate: (t) => beta + (omega - beta) * t,
    derivative: () => omega - beta,
    weight: (t) => 1 / (beta + (omega - beta) * t),
  };
}

/** DiffusionBERT's, whose α lacks the square of the cosine it was named after: many tokens first, as in `cosine-mdlm`. */
const OFFSET = 0.008;
const angle = (t: number) => (HALF_PI * (t + OFFSET)) / (1 + OFFSET);
const cosineBert: Schedule = {
  name: 'cosine-bert',
  formula: '1 − cos(π/2 · (t + s)/(1 + s)) / cos(π/2 · s/(1 + s)), s = 0.008',
  source: 'DiffusionBERT (arXiv 2211.15029) diffusion_word_freq.py',
  maskRate: (t) => 1 - Math.cos(angle(t)) / Math.cos(angle(0)),
  derivative: (t) => (HALF_PI / (1 + OFFSET)) * (Math.sin(angle(t)) / Math.cos(angle(0))),
  weight: (t) => ((HALF_PI / (1 + OFFSET)) * Math.sin(angle(t))) / (Math.cos(angle(0)) - Math.cos(angle(t))),
};

/** Diffusion-LM's and AR-Diffusion's noise, as a chance of masks: few tokens first. Stretched, so that it ends at 1. */
const FLOOR = 1e-4;
const sqrtWidth = Math.sqrt(1 + FLOOR) - Math.sqrt(FLOOR);
const sqrtAr: Schedule = {
  name: 'sqrt-ar',
  formula: '(√(t + ε) − √ε) / (√(1 + ε) − √ε), ε = 10⁻⁴',
  source: 'AR-Diffusion (arXiv 2305.09515) get_named_beta_schedule("sqrt"), which divides by 1 − √ε',
  maskRate: (t) => Math.min(1, (Math.sqrt(t + FLOOR) - Math.sqrt(FLOOR)) / sqrtWidth),
  derivative: (t) => 0.5 / Math.sqrt(t + FLOOR) / sqrtWidth,
  weight: (t) => 0.5 / (Math.sqrt(t + FLOOR) * (Math.sqrt(t + FLOOR) - Math.sqrt(FLOOR))),
};

const TABLE: Readonly<Record<ScheduleName, Schedule>> = {
  linear,
  cosine,
  'cosine-mdlm': cosineMdlm,
  'cosine-squared': cosineSquared,
  geometric,
  'linear-sigma': linearSigma,
  square,
  'square-root': squareRoot,
  log,
  clipped: clippedSchedule(),
  'cosine-bert': cosineBert,
  'sqrt-ar': sqrtAr,
};

export function scheduleByName(name: ScheduleName): Schedule {
  return TABLE[name];
}

/**
 * The inverse of p: the first time at which the mask rate reaches `rate`, by bisection to the last bit of t. Rates that
 * the schedule never has give its end that is nearer: geometric and clipped leave some out.
 */
export function timeOf(schedule: Pick<Schedule, 'maskRate'>, rate: number): number {
  if (schedule.maskRate(0) >= rate) return 0;
  if (schedule.maskRate(1) < rate) return 1;
  let below = 0;
  let at = 1;
  for (let middle = 0.5; middle > below && middle < at; middle = (below + at) / 2) {
    if (schedule.maskRate(middle) >= rate) at = middle;
    else below = middle;
  }
  return at;
}
