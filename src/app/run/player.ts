/** Drives the replay clock on animation frames while something plays. A hidden tab gets no frames, so it costs nothing. */
import { usePreferences } from '../stores/preferences.ts';
import { useRun } from '../stores/run.ts';
import { advance } from './clock.ts';

let frame = 0;
let last = 0;
let spent = 0;

function tick(now: number): void {
  frame = 0;
  const { trace, playhead, playing, status } = useRun.getState();
  if (!playing || !trace) return;
  const { speed } = usePreferences.getState();
  const next = advance({ playhead, spent }, now - last, trace, speed);
  last = now;
  spent = next.spent;
  const ended = next.playhead >= trace.steps.length && status === 'idle';
  if (next.playhead !== playhead || ended) useRun.setState({ playhead: next.playhead, playing: !ended });
  if (!ended) frame = requestAnimationFrame(tick);
}

/** Starts listening; returns how to stop. */
export function startPlayer(): () => void {
  const wake = () => {
    if (frame !== 0 || !useRun.getState().playing) return;
    last = performance.now();
    spent = 0;
    frame = requestAnimationFrame(tick);
  };
  wake();
  const unsubscribe = useRun.subscribe(wake);
  return () => {
    unsubscribe();
    cancelAnimationFrame(frame);
    frame = 0;
  };
}

/** Play, or pause; at the end of a run play starts it over. */
export function togglePlay(): void {
  const { trace, playhead, playing, status } = useRun.getState();
  if (!trace) return;
  const over = playhead >= trace.steps.length && status === 'idle';
  useRun.setState({ playing: !playing, playhead: !playing && over ? 0 : playhead });
}
