/**
 * The canvas at any moment of a recorded run, rebuilt from its start, its steps and its edits. The loop writes its
 * own canvas with the same `applyOps`, so a replay cannot disagree with the run.
 */
import { type Canvas, copyCanvas, nextSlot, placeOf, type SlotId, slotAt } from './canvas.ts';
import type { Prediction } from './network.ts';
import { applyOps, maskedIn, type Op, writtenIn } from './ops.ts';
import type { Edit, Ended, Step, Trace } from './trace.ts';

/**
 * Notes with what probability a step wrote its tokens. `logProbs` is `[T]`, by place: log p of every token the model wrote,
 * at the time it wrote it; NaN where it wrote none. `canvas` is as it was before the ops, which neither insert nor remove;
 * the slots of `prediction` are places.
 */
export function noteLogProbs(
  logProbs: Float32Array,
  canvas: Canvas,
  ops: readonly Op[],
  prediction: Prediction | undefined,
): void {
  const rows = new Map(Array.from(prediction?.slots ?? [], (place, row) => [place, row]));
  for (const op of ops) {
    if ('set' in op) {
      const place = placeOf(canvas, op.set);
      logProbs[place] = prediction?.logProbs[rows.get(place) ?? -1] ?? Number.NaN;
    } else if ('mask' in op) logProbs[placeOf(canvas, op.mask)] = Number.NaN;
  }
}

/** A log-probability as trace files keep it, so that a run that was saved goes on as one that was not. */
export function recordedLogProb(logProb: number): number {
  return Math.round(logProb * 1e4) / 1e4;
}

/** What a run has noted by the time of `canvasAt(trace, n)`, by place. A token that a person put there has no probability. */
export function writtenLogProbs(trace: Line, n: number): Float32Array {
  const logProbs = new Map<SlotId, number>();
  const canvas = walked(trace, n, {
    edit(before, { slot, id }) {
      // Keeping a word, or letting it go again, leaves it the network's.
      if (before.ids[placeOf(before, slot)] !== id) logProbs.delete(slot);
    },
    step(step) {
      const given = logProbsOf(step);
      for (const [i, { slot }] of writtenIn(step).entries()) logProbs.set(slot, given[i] as number);
      for (const slot of maskedIn(step)) logProbs.delete(slot);
    },
  });
  return Float32Array.from(canvas.ids, (_, place) => logProbs.get(slotAt(canvas, place)) ?? Number.NaN);
}

type Written = Pick<Step, 'ops' | 'prediction' | 'edits'>;

/** log p that a step gave the token it wrote into this slot; NaN when it wrote none there. */
export function logProbOf(step: Written, slot: SlotId): number {
  const op = step.ops.find((one) => ('set' in one && one.set === slot) || ('insert' in one && one.insert === slot));
  return op === undefined ? Number.NaN : (logProbOfOp(step, op) ?? Number.NaN);
}

/** log p of all tokens that a step wrote, as `writtenIn` has them. */
export function logProbsOf(step: Written): number[] {
  return step.ops.flatMap((op) => ('set' in op || 'insert' in op ? [logProbOfOp(step, op) ?? Number.NaN] : []));
}

function logProbOfOp({ prediction, edits }: Written, op: Op): number | undefined {
  if ('set' in op) return prediction.logProbs[rowIn(prediction, op.set)];
  if (!('insert' in op)) return undefined;
  return edits?.insert.logProbs[op.after === undefined ? -1 : rowIn(prediction, op.after)];
}

/** The row of a slot in a recorded prediction; −1 when it was not asked. */
export function rowIn({ slots }: Pick<Prediction, 'slots'>, slot: SlotId): number {
  // Ascending as long as no slot has come between others.
  let low = 0;
  let high = slots.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = slots[middle] as number;
    if (found === slot) return middle;
    if (found < slot) low = middle + 1;
    else high = middle - 1;
  }
  return slots.indexOf(slot);
}

/** The canvas after `step`, as a copy. */
export function applyStep(canvas: Canvas, { ops }: Pick<Step, 'ops'>, maskId: number | undefined): Canvas {
  return applyOps(copyCanvas(canvas), ops, maskId);
}

/** Carries out an edit on `canvas`, in place; one of a slot that does not stand there does nothing. */
export function writeEdit(canvas: Canvas, { slot, id, state }: Pick<Edit, 'slot' | 'id' | 'state'>): void {
  const place = placeOf(canvas, slot);
  if (place < 0) return;
  canvas.ids[place] = id;
  canvas.states[place] = state;
}

/** What canvases are rebuilt from. */
export type Line = Pick<Trace, 'start' | 'steps' | 'edits' | 'maskId'>;

/**
 * The canvas that step `n` acts on (or would, at the end of the trace): `n` steps made, and the edits that came before
 * step `n`. `n` is clamped to the trace.
 */
export function canvasAt(trace: Line, n: number): Canvas {
  return walked(trace, n);
}

/** The same; `on` is told of every edit and step on the way, before it is carried out. */
function walked(
  { start, steps, edits, maskId }: Line,
  n: number,
  on?: { edit(before: Canvas, edit: Edit): void; step(step: Step): void },
): Canvas {
  let canvas = copyCanvas(start);
  const last = Math.max(0, Math.min(n, steps.length));
  for (let index = 0; index <= last; index++) {
    for (const edit of edits) {
      if (edit.before !== index) continue;
      on?.edit(canvas, edit);
      writeEdit(canvas, edit);
    }
    const step = steps[index];
    if (index === last || step === undefined) break;
    on?.step(step);
    canvas = applyOps(canvas, step.ops, maskId);
  }
  return canvas;
}

/** How many slots there have been by the end of a trace: the names of all are below. */
export function slotsOf({ start, steps }: Pick<Trace, 'start' | 'steps'>): number {
  let slots = nextSlot(start);
  for (const step of steps) for (const op of step.ops) if ('insert' in op) slots = Math.max(slots, op.insert + 1);
  return slots;
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
