/** What a step did to the canvas, counted: words written on masks, words replaced, words masked again. */
import { Slot } from '../../diffusion/canvas.ts';
import { canvasAt } from '../../diffusion/replay.ts';
import type { Trace } from '../../diffusion/trace.ts';

export interface StepSummary {
  readonly written: number;
  readonly replaced: number;
  readonly maskedAgain: number;
}

/** `index` from 0. */
export function summaryOf(trace: Trace, index: number): StepSummary {
  const { states } = canvasAt(trace, index);
  const { revealed = [], remasked = [] } = trace.steps[index] ?? {};
  const replaced = revealed.filter((slot) => states[slot] === Slot.Revealed).length;
  return { written: revealed.length - replaced, replaced, maskedAgain: remasked.length };
}
