/** Drives the replay clock on animation frames while something plays. A hidden tab gets no frames, so it costs nothing. */

import { advance } from '../trace/clock.ts';
import { nextFrame } from './animationFrames.ts';
import { usePreferences } from './preferences.ts';
import { longest, traceBeside, useRun } from './run.ts';

let cancel: (() => void) | undefined;
let last = 0;
let spent = 0;

function tick(now: number): void {
  cancel = undefined;
  const state = useRun.getState();
  const { trace: own, playhead, playing, status } = state;
  if (!playing || !own) return;
  // Of two branches side by side the longer one says when it is over.
  const other = traceBeside(state);
  const trace = other && other.steps.length > own.steps.length ? other : own;
  const { speed } = usePreferences.getState();
  const next = advance({ playhead, spent }, now - last, trace, speed);
  last = now;
  spent = next.spent;
  const ended = next.playhead >= trace.steps.length && status === 'idle';
  if (next.playhead !== playhead || ended) useRun.setState({ playhead: next.playhead, playing: !ended });
  if (!ended) cancel = nextFrame(tick);
}

/** Starts listening; returns how to stop. */
export function startPlayer(): () => void {
  const wake = () => {
    if (cancel || !useRun.getState().playing) return;
    last = performance.now();
    spent = 0;
    cancel = nextFrame(tick);
  };
  wake();
  const unsubscribe = useRun.subscribe(wake);
  return () => {
    unsubscribe();
    cancel?.();
    cancel = undefined;
  };
}

/** Play, or pause; at the end of a run play starts it over. */
export function togglePlay(): void {
  const state = useRun.getState();
  const { trace, playhead, playing, status } = state;
  if (!trace) return;
  const over = playhead >= longest(state) && status === 'idle';
  useRun.setState({ playing: !playing, playhead: !playing && over ? 0 : playhead });
}
