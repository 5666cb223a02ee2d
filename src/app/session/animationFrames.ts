/** Frames to draw in: as often as the display shows them, or fifteen times a second for who wants to spare the battery. */
import { usePreferences } from './preferences.ts';

const SPARING = 1000 / 15;

let lastDrawn = 0;

/** Calls `draw` once, in one of the next frames; returns how to call it off. A hidden tab gets no frames. */
export function nextFrame(draw: (now: number) => void): () => void {
  let frame = 0;
  const ask = () => {
    frame = requestAnimationFrame((now) => {
      lastDrawn = now;
      draw(now);
    });
  };
  const { sparing } = usePreferences.getState();
  const wait = sparing ? Math.max(0, lastDrawn + SPARING - performance.now()) : 0;
  if (wait === 0) ask();
  const timer = wait > 0 ? setTimeout(ask, wait) : undefined;
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}
