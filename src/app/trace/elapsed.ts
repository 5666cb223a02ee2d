/**
 * Where runs stand on a common axis: elapsed time, which is nothing but the sum of the measured milliseconds of their
 * steps, or the number of steps.
 */
import type { Trace } from '../../diffusion/trace.ts';

export type Axis = 'milliseconds' | 'steps';

/** Where on the axis each step of a run is finished, rising, `[steps]`. */
export function finishes({ steps }: Pick<Trace, 'steps'>, axis: Axis): Float64Array {
  const ends = new Float64Array(steps.length);
  let at = 0;
  for (const [index, { milliseconds }] of steps.entries()) {
    at += axis === 'steps' ? 1 : milliseconds;
    ends[index] = at;
  }
  return ends;
}

/** How many steps are finished at this place on the axis. */
export function playheadAt(ends: Float64Array, at: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the last run ends; 0 when there is none. */
export function lastFinish(all: readonly Float64Array[]): number {
  return Math.max(0, ...all.map((ends) => ends.at(-1) ?? 0));
}
