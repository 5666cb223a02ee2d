/**
 * The canvas at any moment of a recorded run, rebuilt from its start, its steps and its edits. The generator writes its
 * own canvas with the same `writeStep`, so a replay cannot disagree with the run.
 */
import { type Canvas, copyCanvas, Slot } from './canvas.ts';
import type { Edit, Step, Trace } from './trace.ts';

/** Carries out a step on `canvas`, in place. */
export function writeStep(
  canvas: Canvas,
  step: Pick<Step, 'revealed' | 'revealedIds' | 'remasked'>,
  maskId: number,
): void {
  step.revealed.forEach((slot, i) => {
    canvas.ids[slot] = step.revealedIds[i] as number;
    canvas.states[slot] = Slot.Revealed;
  });
  for (const slot of step.remasked) {
    canvas.ids[slot] = maskId;
    canvas.states[slot] = Slot.Remasked;
  }
}

/** The canvas after `step`, as a copy. */
export function applyStep(canvas: Canvas, step: Step, maskId: number): Canvas {
  const next = copyCanvas(canvas);
  writeStep(next, step, maskId);
  return next;
}

/** Carries out an edit on `canvas`, in place. */
export function writeEdit(canvas: Canvas, edit: Pick<Edit, 'slot' | 'id' | 'state'>): void {
  canvas.ids[edit.slot] = edit.id;
  canvas.states[edit.slot] = edit.state;
}

/**
 * The canvas that step `n` acts on (or would, at the end of the trace): `n` steps made, and the edits that came before
 * step `n`. `n` is clamped to the trace.
 */
export function canvasAt(trace: Pick<Trace, 'start' | 'steps' | 'edits' | 'maskId'>, n: number): Canvas {
  const canvas = copyCanvas(trace.start);
  const last = Math.max(0, Math.min(n, trace.steps.length));
  for (let index = 0; index <= last; index++) {
    for (const edit of trace.edits) {
      if (edit.before === index) writeEdit(canvas, edit);
    }
    const step = trace.steps[index];
    if (index < last && step !== undefined) writeStep(canvas, step, trace.maskId);
  }
  return canvas;
}
