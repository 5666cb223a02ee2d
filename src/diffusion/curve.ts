/**
 * A mask rate drawn by hand, as points: p(0) = 0 and p(1) = 1 always, and between them up to 24 points that rise from
 * left to right. In links it is `250-400_750-600`: t and p in thousandths, the two ends left out.
 */
import { UnmaskError } from './error.ts';

export interface CurvePoint {
  readonly t: number;
  readonly p: number;
}

/** Most points between the ends. */
export const MOST_POINTS = 24;
/** t and p are multiples of it, so that a link holds them exactly. */
export const UNIT = 1e-3;

/** Rises, rests, and rises again. */
export const DEFAULT_CURVE = '250-400_750-600';

/** What keeps these points from being a schedule, in words; undefined when nothing does. */
export function curveProblem(points: readonly CurvePoint[]): string | undefined {
  if (points.length > MOST_POINTS) return `a drawn schedule has at most ${MOST_POINTS} points`;
  let before: CurvePoint = { t: 0, p: 0 };
  for (const point of points) {
    const { t, p } = point;
    const at = `(${t}, ${p})`;
    if (!(t >= UNIT && t <= 1 - UNIT)) return `the point ${at} must lie between t = 0 and t = 1`;
    // p = 0 after the start would leave p'/p without a value.
    if (!(p >= UNIT && p <= 1)) return `the mask rate of ${at} must lie between ${UNIT} and 1`;
    if (t <= before.t) return `the points must run from left to right, but ${at} comes after t = ${before.t}`;
    if (p < before.p) return `the mask rate must never fall, but at ${at} it is below ${before.p}`;
    before = point;
  }
  return undefined;
}

/** Throws `UnmaskError` code `settings` that says what is wrong with the text or with the curve. */
export function parseCurve(text: string): CurvePoint[] {
  const parts = text === '' ? [] : text.split('_');
  const points = parts.slice(0, MOST_POINTS + 1).map((part) => {
    const [, t, p] = /^(\d{1,3})-(\d{1,4})$/.exec(part) ?? [];
    if (t === undefined || p === undefined) throw wrong(`"${part.slice(0, 20)}" is not a point`);
    return { t: Number(t) / 1000, p: Number(p) / 1000 };
  });
  const problem = curveProblem(points);
  if (problem !== undefined) throw wrong(problem);
  return points;
}

/** The shortest text of a curve; equal curves have equal texts. */
export function formatCurve(points: readonly CurvePoint[]): string {
  return points.map(({ t, p }) => `${Math.round(t / UNIT)}-${Math.round(p / UNIT)}`).join('_');
}

/** The nearest point that a link can hold. */
export function rounded({ t, p }: CurvePoint): CurvePoint {
  const within = (value: number, least: number, most: number) =>
    Math.min(Math.max(Math.round(value / UNIT), least), most);
  return { t: within(t, 1, 999) / 1000, p: within(p, 1, 1000) / 1000 };
}

function wrong(problem: string): UnmaskError {
  return new UnmaskError({
    code: 'settings',
    message: `curve cannot be used: ${problem}.`,
    remedy: 'Give rising points of t and p in thousandths, as in 250-400_750-600.',
  });
}
