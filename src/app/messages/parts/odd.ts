/** Behaviour that looks odd. */
import { counted, integer, percent, say } from '../format.ts';
import { slots, steps, tokens } from '../units.ts';
import type { Words } from '../words.ts';

export const odd = (w: Words['odd']) => ({
  ...w,
  endsFirst: { ...w.endsFirst, said: (n: number) => say(w.endsFirst.said, { slots: slots(n) }) },
  lingers: {
    ...w.lingers,
    said: (slot: number, waited: number) => say(w.lingers.said, { slot: integer(slot + 1), steps: steps(waited) }),
  },
  repeats: {
    ...w.repeats,
    said: (phrase: string, times: number) => say(w.repeats.said, { phrase, times: integer(times) }),
  },
  short: {
    ...w.short,
    said: (text: number, all: number) => say(w.short.said, { tokens: tokens(text), slots: slots(all) }),
  },
  leftBehind: { ...w.leftBehind, said: (n: number) => counted(n, w.leftBehind.said) },
  tail: {
    ...w.tail,
    said: (word: string, p: number, slot: number) => say(w.tail.said, { slot: integer(slot + 1), word, p: percent(p) }),
  },
  same: {
    ...w.same,
    said: (word: string, slot: number) => say(w.same.said, { slot: integer(slot + 1), word }),
  },
});
