/**
 * A mask rate drawn by hand, as points: p(0) = 0 and p(1) = 1 always, and between them up to 24 points that rise from
 * left to right. In links it is `250-400_750-600`: t and p in thousandths, the two ends left out.
 */
import { said, type Text } from '../text/said.ts';
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
export function curveProblem(points: readonly CurvePoint[]): Text | undefined {
  if (points.length > MOST_POINTS) return said`a drawn schedule has at most ${MOST_POINTS} points`;
  let before: CurvePoint = { t: 0, p: 0 };
  for (const point of points) {
    const { t, p } = point;
    const at = `(${t}, ${p})`;
    if (!(t >= UNIT && t <= 1 - UNIT)) return said`the point ${at} must lie between t = 0 and t = 1`;
    // p = 0 after the start would leave p'/p without a value.
    if (!(p >= UNIT && p <= 1)) return said`the mask rate of ${at} must lie between ${UNIT} and 1`;
    if (t <= before.t) return said`the points must run from left to right, but ${at} comes after t = ${before.t}`;
    if (p < before.p) return said`the mask rate must never fall, but at ${at} it is below ${before.p}`;
    before = point;
  }
  return undefined;
}

/** Throws `UnmaskError` code `settings` that says what is wrong with the text or with the curve. */
export function parseCurve(text: string): CurvePoint[] {
  const parts = text === '' ? [] : text.split('_');
  const points = parts.slice(0, MOST_POINTS + 1).map((part) => {
    const [, t, p] = /^(\d{1,3})-(\d{1,4})$/.exec(part) ?? [];
    if (t === undefined || p === undefined) throw wrong(said`"${part.slice(0, 20)}" is not a point`);
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

function wrong(problem: Text): UnmaskError {
  return new UnmaskError({
    code: 'settings',
    message: said`curve cannot be used: ${problem}.`,
    remedy: 'Give rising points of t and p in thousandths, as in 250-400_750-600.',
  });
}

/**
 * Points of a curve that was drawn with one stroke, whatever way the hand went: the stroke read at even times, made to
 * rise by pooling neighbours that fall (isotonic regression; pool adjacent violators), and rounded for a link. Times that
 * the stroke does not cover follow a straight line to the ends.
 */
export function curveOfStroke(stroke: readonly CurvePoint[], points = 9): CurvePoint[] {
  const along = [{ t: 0, p: 0 }, ...stroke.filter(({ t }) => t > 0 && t < 1), { t: 1, p: 1 }].sort((a, b) => a.t - b.t);
  const at = (t: number) => {
    const next = along.findIndex((point) => point.t >= t);
    const [from, to] = [along[Math.max(next - 1, 0)] as CurvePoint, along[next] as CurvePoint];
    return from.p + ((to.p - from.p) * (t - from.t)) / (to.t - from.t || 1);
  };
  const pools: { sum: number; count: number }[] = [];
  for (let i = 1; i <= points; i++) {
    let pool = { sum: at(i / (points + 1)), count: 1 };
    for (let last = pools.at(-1); last && last.sum / last.count > pool.sum / pool.count; last = pools.at(-1)) {
      pools.pop();
      pool = { sum: pool.sum + last.sum, count: pool.count + last.count };
    }
    pools.push(pool);
  }
  const rates = pools.flatMap(({ sum, count }) => Array<number>(count).fill(sum / count));
  return rates.map((p, i) => rounded({ t: (i + 1) / (points + 1), p }));
}

/** Moves one point as far as its neighbours allow, so that the curve stays a schedule. */
export function movePoint(points: readonly CurvePoint[], index: number, to: CurvePoint): CurvePoint[] {
  const before = points[index - 1] ?? { t: 0, p: UNIT };
  const after = points[index + 1] ?? { t: 1, p: 1 };
  const { t, p } = rounded(to);
  const within = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);
  const moved = rounded({ t: within(t, before.t + UNIT, after.t - UNIT), p: within(p, before.p, after.p) });
  return points.map((point, i) => (i === index ? moved : point));
}

/** Adds a point on the line in the middle of the widest gap; the same points when there is no room for another. */
export function addPoint(points: readonly CurvePoint[]): CurvePoint[] {
  const knots = [{ t: 0, p: 0 }, ...points, { t: 1, p: 1 }];
  const gaps = knots.slice(1).map(({ t }, k) => t - (knots[k] as CurvePoint).t);
  const widest = gaps.indexOf(Math.max(...gaps));
  if (points.length >= MOST_POINTS || (gaps[widest] as number) < 3 * UNIT) return [...points];
  const [from, to] = [knots[widest] as CurvePoint, knots[widest + 1] as CurvePoint];
  return points.toSpliced(widest, 0, rounded({ t: (from.t + to.t) / 2, p: (from.p + to.p) / 2 }));
}
