/** What a marked word in the prose can point at: slots of the canvas by what they are, and other things on the page. */

import { isOpen } from '../../../diffusion/canvas.ts';
import { writtenSlotsIn } from '../../../diffusion/ops.ts';
import type { Trace } from '../../../diffusion/trace.ts';
import { type Frame, UNSURE } from '../../trace/frame.ts';
import { openAtStart } from './evidence.ts';

type Where = (trace: Trace, frame: Frame) => Iterable<number>;

const filter = (frame: Frame, keep: (slot: number) => boolean) => Array.from(frame.ids.keys()).filter(keep);

const SLOTS = {
  /** Open now. */
  masks: (_, frame) => filter(frame, (slot) => isOpen(frame.states[slot] as number)),
  /** Open at the start, whatever stands there now. */
  gaps: (trace) => openAtStart(trace),
  given: (trace, frame) => {
    const open = new Set(openAtStart(trace));
    return filter(frame, (slot) => !open.has(slot));
  },
  written: (_, frame) => filter(frame, (slot) => (frame.writtenAt[slot] as number) >= 0),
  unsure: (_, frame) => filter(frame, (slot) => (frame.probability[slot] as number) < UNSURE),
  first: (trace) => writtenSlotsIn(trace.steps[0] ?? { ops: [] }),
  last: (trace) => writtenSlotsIn(trace.steps.at(-1) ?? { ops: [] }),
} satisfies Record<string, Where>;

/** Other targets are the `data-target`s in the components: the canvas, a control, a figure, a question. */
export const SLOT_TARGETS = Object.keys(SLOTS);

/** The slots a target names at this moment; none when it names something else. */
export function slotsOf(target: string | undefined, trace: Trace, frame: Frame): number[] {
  const where = target === undefined ? undefined : (SLOTS as Record<string, Where>)[target];
  return where ? [...where(trace, frame)] : [];
}
