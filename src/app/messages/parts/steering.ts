/** The sentences of steering: branches, two of them side by side, and brushes. */
import { integer, say } from '../format.ts';
import { masks, slots, steps, tokens } from '../units.ts';
import type { Words } from '../words.ts';

export const steering = (w: Words['steering']) => ({
  ...w,
  branches: {
    ...w.branches,
    /** A, B, … Z, A2, B2, …: short enough to speak about in a class. */
    letter: (id: number) => String.fromCharCode(65 + (id % 26)) + (id < 26 ? '' : integer(Math.floor(id / 26) + 1)),
    from: (parent: string, step: number) => say(w.branches.from, { parent, step: integer(step) }),
    hereHelp: (step: number) => say(w.branches.hereHelp, { steps: steps(step) }),
  },
  sideBySide: {
    ...w.sideBySide,
    canvas: (name: string) => say(w.sideBySide.canvas, { name }),
    bySlot: (differ: number, both: number) =>
      both === 0
        ? w.sideBySide.bySlot.none
        : differ === 0
          ? say(w.sideBySide.bySlot.same, { tokens: tokens(both) })
          : say(w.sideBySide.bySlot.differ, { differ: integer(differ), tokens: tokens(both) }),
    bySequence: (same: number, left: string, onlyLeft: number, right: string, onlyRight: number) =>
      say(w.sideBySide.bySequence, {
        tokens: tokens(same),
        onlyLeft: integer(onlyLeft),
        left,
        onlyRight: integer(onlyRight),
        right,
      }),
    shared: (n: number) => (n === 0 ? w.sideBySide.shared.none : say(w.sideBySide.shared.some, { steps: steps(n) })),
  },
  tools: {
    ...w.tools,
    drawn: (n: number) => say(w.tools.drawn, { slots: slots(n) }),
    span: (from: number, to: number) => say(w.tools.span, { from: integer(from + 1), to: integer(to + 1) }),
    spanHolds: (written: number, open: number) =>
      open === 0
        ? say(w.tools.spanHolds.all, { tokens: tokens(written) })
        : say(w.tools.spanHolds.some, { tokens: tokens(written), masks: masks(open) }),
    spanFits: (n: number, room: number) =>
      n === room
        ? say(w.tools.spanFits.exactly, { tokens: tokens(n) })
        : say(w.tools.spanFits.shorter, { tokens: tokens(n), slots: slots(room), masks: masks(room - n) }),
    spanTooLong: (n: number, room: number) => say(w.tools.spanTooLong, { tokens: tokens(n), slots: slots(room) }),
  },
});
