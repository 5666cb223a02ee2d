/** What a step did to the canvas, counted: words written on masks, replaced, masked again, put between others, taken away. */
import { isOpen, placeOf } from '../../diffusion/canvas.ts';
import { canvasAt } from '../../diffusion/replay.ts';
import type { Trace } from '../../diffusion/trace.ts';

export interface StepSummary {
  readonly written: number;
  readonly replaced: number;
  readonly maskedAgain: number;
  readonly inserted: number;
  readonly removed: number;
}

/** `index` from 0. */
export function summaryOf(trace: Trace, index: number): StepSummary {
  const step = trace.steps[index];
  const summary = { written: 0, replaced: 0, maskedAgain: 0, inserted: 0, removed: 0 };
  if (step === undefined) return summary;
  const canvas = canvasAt(trace, index);
  for (const op of step.ops) {
    if ('mask' in op) summary.maskedAgain++;
    else if ('insert' in op) summary.inserted++;
    else if ('remove' in op) summary.removed++;
    else if (isOpen(canvas.states[placeOf(canvas, op.set)] as number)) summary.written++;
    else summary.replaced++;
  }
  return summary;
}
