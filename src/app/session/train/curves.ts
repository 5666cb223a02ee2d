/** From the journal of a run to curves over its steps. */
import { greatest, least } from '../../../diffusion/extremes.ts';
import type { Evaluation, Point, StoredRun } from '../../../worker/protocol.train.ts';

type Dot = readonly [step: number, value: number];

/** A broken line through dots of rising steps; no number outside them. */
export function lineThrough(dots: readonly Dot[]): (step: number) => number {
  return (step) => {
    let [low, high] = [0, dots.length - 1];
    if (high < 0 || step < (dots[0] as Dot)[0] || step > (dots[high] as Dot)[0]) return Number.NaN;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((dots[middle] as Dot)[0] <= step) low = middle;
      else high = middle;
    }
    const [[a, from], [b, to]] = [dots[low] as Dot, dots[high] as Dot];
    return b === a || step === a ? from : from + ((step - a) / (b - a)) * (to - from);
  };
}

/** An exponential mean over about a twentieth of the steps, without the pull of its start (Adam's correction). */
export function smoothed(points: readonly Point[]): Dot[] {
  const keep = 1 - 1 / Math.max(2, Math.min(50, points.length / 20));
  let [mean, weight] = [0, 0];
  return points.map(({ step, loss }) => {
    mean = keep * mean + (1 - keep) * loss;
    weight = keep * weight + (1 - keep);
    return [step, mean / weight] as const;
  });
}

export const heldOutDots = (evaluations: readonly Evaluation[]): Dot[] =>
  evaluations.map(({ step, nelbo }) => [step, nelbo] as const);

/** From 0 or a little below the lowest value to a little above the highest. */
export function domainOver(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const [low, high] = [least(finite), greatest(finite)];
  const air = 0.06 * (high - low || 1);
  return [Math.max(0, low - air), high + air];
}

/** Most dots that a line is made of; of more, evenly spread ones are taken. */
const MOST = 2000;

export function thinned<T>(all: readonly T[]): readonly T[] {
  if (all.length <= MOST) return all;
  return Array.from({ length: MOST }, (_, i) => all[Math.round((i * (all.length - 1)) / (MOST - 1))] as T);
}

/** Steps the run has made, saved or not. */
export function stepOf({ step, journal }: StoredRun): number {
  return Math.max(step, journal.points.at(-1)?.step ?? 0);
}
