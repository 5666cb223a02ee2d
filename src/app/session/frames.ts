/** The frame at the playhead, computed once per moment and shared by everything that draws it. */

import type { Trace } from '../../diffusion/trace.ts';
import { type Counters, countersOf } from '../trace/counters.ts';
import { type Frame, frameAt } from '../trace/frame.ts';
import { useRun } from './run.ts';

let trace: Trace | undefined;
let frame: Frame | undefined;
let counters: Counters | undefined;

export function currentFrame(): Frame | undefined {
  const now = useRun.getState();
  if (!now.trace) return undefined;
  if (now.trace !== trace || frame?.playhead !== Math.min(now.playhead, now.trace.steps.length)) {
    trace = now.trace;
    frame = frameAt(now.trace, now.playhead);
    counters = undefined;
  }
  return frame;
}

export function currentCounters(): Counters | undefined {
  const now = currentFrame();
  if (now && trace) counters ??= countersOf(trace, now);
  return counters;
}

/** For components: draws again when the moment changes. */
export function useFrame(): Frame | undefined {
  useRun((state) => state.trace);
  useRun((state) => state.playhead);
  return currentFrame();
}
