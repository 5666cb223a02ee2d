/** Taking a run away: as a page, a picture, data or code. */
import { decimal, integer, say } from '../format.ts';
import { steps } from '../units.ts';
import type { Words } from '../words.ts';

export const takeaway = (w: Words['takeaway']) => ({
  ...w,
  scope: {
    label: w.scope.label,
    current: (name: string) => say(w.scope.current, { name }),
    all: (n: number) => say(w.scope.all, { n: integer(n) }),
  },
  animation: {
    ...w.animation,
    pixels: (n: number) => say(w.animation.pixels, { n: integer(n) }),
    about: (n: number, seconds: number, width: number, height: number) =>
      say(w.animation.about, { n: integer(n), seconds: decimal(seconds), width, height }),
    stride: (n: number) => say(w.animation.stride, { steps: steps(n) }),
    aboutSize: (size: string) => say(w.animation.aboutSize, { size }),
    frame: (done: number, n: number) => say(w.animation.frame, { done: integer(done), n: integer(n) }),
  },
  picture: { ...w.picture, about: (step: string) => say(w.picture.about, { step }) },
  code: {
    ...w.code,
    // Lists of sentences, whatever their number.
    typescript: w.code.typescript as readonly string[],
    python: w.code.python as readonly string[],
    otherModel: (folder: string) => say(w.code.otherModel, { folder }),
    noOrder: (order: string) => say(w.code.noOrder, { order }),
    noSchedule: (schedule: string) => say(w.code.noSchedule, { schedule }),
    lacked: (names: string) => say(w.code.lacked, { names }),
  },
});
