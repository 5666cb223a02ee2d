/** The one clock that all texts of a comparison are shown by, driven by animation frames while it plays. */

import { create } from 'zustand';
import { nextFrame } from './animationFrames.ts';
import { reducedMotion } from './useMedia.ts';

export interface Replay {
  /** Where it stands, in units of the axis: milliseconds or steps. */
  readonly at: number;
  readonly end: number;
  /** Units of the axis per real millisecond. */
  readonly rate: number;
  readonly playing: boolean;
}

export const useReplay = create<Replay>(() => ({ at: 0, end: 0, rate: 1, playing: false }));

let due = false;
let last = 0;

function ask(): void {
  if (due) return;
  due = true;
  nextFrame(tick);
}

function tick(now: number): void {
  due = false;
  const { at, end, rate, playing } = useReplay.getState();
  if (!playing) return;
  // The end is not known yet: what was just made is still on its way to the screen.
  if (end === 0) {
    last = now;
    ask();
    return;
  }
  // At most half a second counts, so that a tab that slept does not leap.
  const next = Math.min(end, at + Math.min(now - last, 500) * rate);
  last = now;
  useReplay.setState({ at: next, playing: next < end });
  if (next < end) ask();
}

export function play(from: number): void {
  useReplay.setState({ at: from, playing: true });
  last = performance.now();
  ask();
}

/** Begins at the start, as soon as there is something to play; with reduced motion the end is shown at once instead. */
export function playNew(): void {
  if (reducedMotion()) useReplay.setState({ at: Number.POSITIVE_INFINITY, playing: false });
  else play(0);
}

export function pause(): void {
  useReplay.setState({ playing: false });
}

/** Plays, pauses, or at the end starts over. */
export function toggle(): void {
  const { at, end, playing } = useReplay.getState();
  if (playing) pause();
  else play(at >= end ? 0 : at);
}

export function seek(at: number): void {
  useReplay.setState(({ end }) => ({ at: Math.max(0, Math.min(at, end)), playing: false }));
}
