/**
 * A schedule from points: the monotone piecewise cubic of Fritsch and Carlson (SIAM J. Numer. Anal. 17, 1980). It goes
 * through every point, is smooth, and never falls where the points do not fall, which an ordinary spline does not promise.
 */
import { said } from '../text/said.ts';
import { type CurvePoint, curveProblem, parseCurve } from './curve.ts';
import { UnmaskError } from './error.ts';
import { type Schedule, scheduleByName } from './schedule.ts';
import type { Settings } from './settings.ts';

/** The schedule that these settings ask for. */
export function scheduleOf({ schedule, curve }: Pick<Settings, 'schedule' | 'curve'>): Schedule {
  if (schedule !== 'drawn') return scheduleByName(schedule);
  if (curve !== last?.curve) last = { curve, schedule: drawnSchedule(parseCurve(curve)) };
  return last.schedule;
}

/** A run asks for its schedule at every step. */
let last: { readonly curve: string; readonly schedule: Schedule } | undefined;

/** `points` lie between the ends (0, 0) and (1, 1). Throws `UnmaskError` code `settings` when they are no schedule. */
export function drawnSchedule(points: readonly CurvePoint[]): Schedule {
  const problem = curveProblem(points);
  if (problem !== undefined) {
    throw new UnmaskError({ code: 'settings', message: said`Not a schedule: ${problem}.`, remedy: 'Move the point.' });
  }
  const knots = [{ t: 0, p: 0 }, ...points, { t: 1, p: 1 }];
  const slopes = monotoneSlopes(knots);
  const piece = (t: number) => {
    let k = 0;
    while (k < knots.length - 2 && t >= (knots[k + 1] as CurvePoint).t) k++;
    const [from, to] = [knots[k] as CurvePoint, knots[k + 1] as CurvePoint];
    const width = to.t - from.t;
    const s = Math.min(Math.max((t - from.t) / width, 0), 1);
    return { from, rise: to.p - from.p, width, s, a: slopes[k] as number, b: slopes[k + 1] as number };
  };
  const maskRate = (t: number) => {
    const { from, rise, width, s, a, b } = piece(t);
    return Math.min(from.p + rise * s * s * (3 - 2 * s) + width * s * (1 - s) * (a * (1 - s) - b * s), 1);
  };
  const derivative = (t: number) => {
    const { rise, width, s, a, b } = piece(t);
    const slope = (rise / width) * 6 * s * (1 - s) + a * (1 - s) * (1 - 3 * s) + b * s * (3 * s - 2);
    return Math.max(slope, 0);
  };
  return {
    name: 'drawn',
    formula: said`through ${knots.map(({ t, p }) => `(${t}, ${p})`).join(', ')}`,
    source: 'drawn by hand; monotone cubic of Fritsch & Carlson (1980)',
    maskRate,
    derivative,
    weight: (t) => derivative(t) / maskRate(t),
  };
}

/** Slopes at the knots: the mean of the two neighbouring secants, shortened until no piece can overshoot. */
function monotoneSlopes(knots: readonly CurvePoint[]): number[] {
  const secants = knots.slice(1).map(({ t, p }, k) => {
    const from = knots[k] as CurvePoint;
    return (p - from.p) / (t - from.t);
  });
  const slopes = knots.map((_, k) => {
    const [left, right] = [secants[k - 1] ?? secants[k], secants[k] ?? secants[k - 1]] as [number, number];
    return left === 0 || right === 0 ? 0 : (left + right) / 2;
  });
  for (const [k, secant] of secants.entries()) {
    if (secant === 0) continue;
    const [a, b] = [(slopes[k] as number) / secant, (slopes[k + 1] as number) / secant];
    // Fritsch and Carlson's circle of radius 3, inside which the cubic is monotone.
    const length = Math.hypot(a, b);
    if (length <= 3) continue;
    slopes[k] = (3 * a * secant) / length;
    slopes[k + 1] = (3 * b * secant) / length;
  }
  return slopes;
}
