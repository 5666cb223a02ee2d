/** The door's offer to learn the reader's own words. */
import { about, duration, integer, say } from '../format.ts';
import type { Words } from '../words.ts';

export const teach = (w: Words['teach']) => ({
  ...w,
  short: (n: number) => say(w.short, { n: integer(n) }),
  time: (seconds: number) => say(w.time, { time: about(seconds) }),
  now: (step: number, of: number) => say(w.now, { step: integer(step), of: integer(of) }),
  left: (seconds: number) => say(w.left, { time: duration(seconds) }),
  name: (count: number) => say(w.name, { count }),
});
