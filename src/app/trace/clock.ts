/**
 * The replay clock: where the playhead stands after some time has passed. A live run is played like a film that is
 * still being fetched: the playhead never passes the last step made, and waits there for the next.
 */
import type { Trace } from '../../diffusion/trace.ts';

/** Steps per second, or `measured`: every step lasts as long as it took when the model made it. */
export type Speed = number | 'measured';
export const SPEEDS: readonly Speed[] = [2, 4, 8, 16, 32, 'measured'];
/** Of a step whose time nobody measured. */
const UNTIMED = 8;

export interface Clock {
  readonly playhead: number;
  /** Milliseconds already spent towards the next step. */
  readonly spent: number;
}

/** Advances by `elapsed` milliseconds. At most one second counts, so that a tab that slept does not leap. */
export function advance(clock: Clock, elapsed: number, trace: Trace, speed: Speed): Clock {
  let { playhead } = clock;
  let spent = clock.spent + Math.min(elapsed, 1000);
  while (playhead < trace.steps.length) {
    const lasts = stepDuration(trace, playhead, speed);
    if (spent < lasts) return { playhead, spent };
    spent -= lasts;
    playhead++;
  }
  // Waiting at the end: the next step shows as soon as it is made, and no debt of time piles up.
  return { playhead, spent: Math.min(spent, stepDuration(trace, playhead - 1, speed)) };
}

function stepDuration(trace: Trace, index: number, speed: Speed): number {
  if (speed !== 'measured') return 1000 / speed;
  const took = trace.steps[index]?.milliseconds ?? 0;
  // The recorded run brings no times.
  return took > 0 ? Math.max(1, took) : 1000 / UNTIMED;
}
