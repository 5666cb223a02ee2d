/**
 * The canvas at any moment of a recorded run, rebuilt from its start, its steps and its edits. The generator writes its
 * own canvas with the same `writeStep`, so a replay cannot disagree with the run.
 */
import { type Canvas, copyCanvas, openId, Slot } from './canvas.ts';
import type { Edit, Ended, Step, Trace } from './trace.ts';

/** Carries out a step on `canvas`, in place. */
export function writeStep(
  canvas: Canvas,
  step: Pick<Step, 'revealed' | 'revealedIds' | 'remasked'>,
  maskId: number | undefined,
): void {
  step.revealed.forEach((slot, i) => {
    canvas.ids[slot] = step.revealedIds[i] as number;
    canvas.states[slot] = Slot.Revealed;
  });
  for (const slot of step.remasked) {
    canvas.ids[slot] = openId(maskId);
    canvas.states[slot] = Slot.Remasked;
  }
}

/**
 * Notes with what probability a step wrote its tokens. `logProbs` is `[T]`: log p of every token the model wrote, at the
 * time it wrote it; NaN where it wrote none.
 */
export function noteLogProbs(
  logProbs: Float32Array,
  { revealed, remasked, prediction }: Pick<Step, 'revealed' | 'remasked' | 'prediction'>,
): void {
  const rows = new Map(Array.from(prediction.slots, (slot, row) => [slot, row]));
  for (const slot of revealed) logProbs[slot] = prediction.logProbs[rows.get(slot) ?? -1] ?? Number.NaN;
  for (const slot of remasked) logProbs[slot] = Number.NaN;
}

/** A log-probability as trace files keep it, so that a run that was saved goes on as one that was not. */
export function recordedLogProb(logProb: number): number {
  return Math.round(logProb * 1e4) / 1e4;
}

/** What a run has noted by the time of `canvasAt(trace, n)`. A token that a person put there has no probability. */
export function writtenLogProbs(trace: Pick<Trace, 'start' | 'steps' | 'edits' | 'maskId'>, n: number): Float32Array {
  const canvas = copyCanvas(trace.start);
  const logProbs = new Float32Array(canvas.ids.length).fill(Number.NaN);
  const last = Math.max(0, Math.min(n, trace.steps.length));
  for (let index = 0; index <= last; index++) {
    for (const edit of trace.edits) {
      if (edit.before !== index) continue;
      // Keeping a word, or letting it go again, leaves it the network's.
      if (canvas.ids[edit.slot] !== edit.id) logProbs[edit.slot] = Number.NaN;
      writeEdit(canvas, edit);
    }
    const step = trace.steps[index];
    if (index === last || step === undefined) break;
    writeStep(canvas, step, trace.maskId);
    noteLogProbs(logProbs, step);
  }
  return logProbs;
}

/** The canvas after `step`, as a copy. */
export function applyStep(canvas: Canvas, step: Step, maskId: number | undefined): Canvas {
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

/**
 * Where the answer had ended at step `n`, if the run stopped there early. A change made since then takes that back when it
 * touches the end itself; one before it leaves what stands behind as unneeded as it was.
 */
export function endedAt({ steps, edits }: Pick<Trace, 'steps' | 'edits'>, n: number): Ended | undefined {
  const ended = steps[Math.min(n, steps.length) - 1]?.ended;
  if (!ended || n < steps.length) return undefined;
  const touched = edits.some(({ before, slot }) => before >= n && slot >= ended.from && slot < ended.to);
  return touched ? undefined : ended;
}
