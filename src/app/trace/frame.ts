/**
 * What every slot looks like at one moment of a run, as typed arrays: computed from the Trace alone and painted by the
 * token canvas. `playhead` counts the steps already applied, so 0 is the canvas before the first step.
 */
import { isOpen, placeOf, Slot, type SlotId } from '../../diffusion/canvas.ts';
import { insertedIn, maskedIn, removedIn, writtenIn } from '../../diffusion/ops.ts';
import { canvasAt, endedAt, type Line, logProbOf, rowIn, slotsOf } from '../../diffusion/replay.ts';
import type { Step } from '../../diffusion/trace.ts';

/** How a slot is drawn; bits, because a word can be just written and rewritten at once. */
export const Look = {
  Given: 1,
  Open: 2,
  Now: 4,
  Rewritten: 8,
  Pinned: 16,
  Unsure: 32,
  Halfsure: 64,
  Unneeded: 128,
  /** It was not there at the start. */
  Inserted: 256,
  /** Taken away by the last step: it is seen once more, struck through. */
  Removed: 512,
} as const;

/** Below these probabilities a written word is underlined: dotted, then thin. */
export const UNSURE = 0.3;
export const HALFSURE = 0.6;

/** The state of a slot that is not on the canvas. */
export const ABSENT = 255;

/** All lists but `order` are by slot, `[S]`: of every slot that the run has had by its end. */
export interface Frame {
  readonly playhead: number;
  /** The slots that are seen, in reading order. */
  readonly order: Int32Array;
  readonly ids: Int32Array;
  /** One `Slot` per slot; `ABSENT` where it is not on the canvas, as those are that were taken away. */
  readonly states: Uint8Array;
  /** `Look` bits. */
  readonly looks: Uint16Array;
  /** Step (from 0) that wrote the slot, or -1. */
  readonly writtenAt: Int16Array;
  /** Probability the network gave the written token, or NaN. */
  readonly probability: Float32Array;
  /** For open slots: the id this run will write there later, or -1 when that is not known yet. */
  readonly later: Int32Array;
  /** Open slots that are still to be written: those behind the end of an answer are not. */
  readonly masks: number;
}

/** The names that style sheets have for looks. */
export const LOOK_CLASSES: readonly (readonly [look: number, name: string])[] = [
  [Look.Given, 'given'],
  [Look.Open, 'mask'],
  [Look.Now, 'now'],
  [Look.Rewritten, 'again'],
  [Look.Pinned, 'pinned'],
  [Look.Unsure, 'unsure'],
  [Look.Halfsure, 'halfsure'],
  [Look.Unneeded, 'unneeded'],
  [Look.Inserted, 'inserted'],
  [Look.Removed, 'removed'],
];

/** The classes of a slot that looks so. */
export function classesOf(look: number): string[] {
  return ['slot', ...LOOK_CLASSES.filter(([bit]) => look & bit).map(([, name]) => name)];
}

/** The slots that stand on the canvas, in reading order. */
export function standingSlots({ order, states }: Pick<Frame, 'order' | 'states'>): Int32Array {
  return order.filter((slot) => states[slot] !== ABSENT);
}

/** The text of a frame, in reading order. */
export function idsOf(frame: Pick<Frame, 'order' | 'states' | 'ids'>): Int32Array {
  return standingSlots(frame).map((slot) => frame.ids[slot] as number);
}

/** The slots from one to another, in reading order. */
export function slotsBetween({ order }: Pick<Frame, 'order'>, from: SlotId, to: SlotId): SlotId[] {
  const [a, b] = [order.indexOf(from), order.indexOf(to)];
  return a < 0 || b < 0 ? [] : Array.from(order.subarray(Math.min(a, b), Math.max(a, b) + 1));
}

/** The slot so many places further on, or the last one there is on that side; not among the first `folded`. */
export function slotBeside({ order }: Pick<Frame, 'order'>, slot: SlotId, by: number, folded = 0): SlotId {
  const place = Math.max(folded, Math.min(order.indexOf(slot) + by, order.length - 1));
  return order[place] ?? slot;
}

export function frameAt(trace: Line, playhead: number): Frame {
  const end = Math.max(0, Math.min(playhead, trace.steps.length));
  const slots = slotsOf(trace);
  const canvas = canvasAt(trace, end);
  const standing = canvas.order?.slots ?? Int32Array.from(canvas.ids.keys());
  const last = trace.steps[end - 1];
  const gone = new Set(last ? removedIn(last) : []);

  const ids = new Int32Array(slots).fill(-1);
  const states = new Uint8Array(slots).fill(ABSENT);
  standing.forEach((slot, place) => {
    ids[slot] = canvas.ids[place] as number;
    states[slot] = canvas.states[place] as number;
  });
  const history = historyOf(trace, end, slots);
  const { writtenAt, again } = history;
  for (const slot of gone) ids[slot] = history.ids[slot] as number;

  const looks = new Uint16Array(slots);
  const probability = new Float32Array(slots).fill(Number.NaN);
  const answered = endedAt(trace, end)?.to ?? canvas.ids.length;
  let masks = 0;
  for (const [place, slot] of standing.entries()) {
    const state = states[slot] as number;
    const wrote = writtenAt[slot] as number;
    if (wrote >= 0 && history.ids[slot] === ids[slot]) probability[slot] = probabilityOf(trace, wrote, slot);
    else writtenAt[slot] = -1;
    const unneeded = isOpen(state) && place >= answered;
    if (isOpen(state) && !unneeded) masks++;
    looks[slot] = lookOf(state, again[slot] === 1, wrote >= 0 && wrote === end - 1, probability[slot] as number);
    if (unneeded) looks[slot] = Look.Open | Look.Unneeded;
    if (history.came.has(slot)) looks[slot] = (looks[slot] as number) | Look.Inserted;
  }
  for (const slot of gone) looks[slot] = Look.Removed;
  const order = gone.size === 0 ? standing : orderWith(trace, end, last as Step);
  return {
    playhead: end,
    order,
    ids,
    states,
    looks,
    writtenAt,
    probability,
    later: laterIds(trace, end, states),
    masks,
  };
}

/** What happened to every slot in the first `end` steps. */
function historyOf(trace: Line, end: number, slots: number) {
  const writtenAt = new Int16Array(slots).fill(-1);
  /** The token that was written there last, or stood there at the start. */
  const ids = new Int32Array(slots).fill(-1);
  const again = new Uint8Array(slots);
  const came = new Set<SlotId>();
  const { start } = trace;
  for (let place = 0; place < start.ids.length; place++) {
    ids[start.order?.slots[place] ?? place] = start.ids[place] as number;
  }
  const open = (slot: SlotId) => isOpen(start.states[placeOf(start, slot)] ?? Slot.Masked);
  for (const edit of trace.edits) if (edit.before <= end && edit.state === Slot.Remasked) again[edit.slot] = 1;
  for (let index = 0; index < end; index++) {
    const step = trace.steps[index] as Step;
    for (const slot of maskedIn(step)) again[slot] = 1;
    for (const slot of insertedIn(step)) came.add(slot);
    for (const { slot, id } of writtenIn(step)) {
      if (writtenAt[slot] !== -1 || !open(slot)) again[slot] = 1;
      writtenAt[slot] = index;
      ids[slot] = id;
    }
  }
  return { writtenAt, ids, again, came };
}

/** The reading order after step `end - 1`, with the slots that it took away where they stood. */
function orderWith(trace: Line, end: number, last: Step): Int32Array {
  const before = canvasAt(trace, end - 1);
  const order = Array.from(before.order?.slots ?? before.ids.keys());
  for (const op of last.ops) {
    if ('insert' in op) order.splice(op.after === undefined ? 0 : order.indexOf(op.after) + 1, 0, op.insert);
  }
  return Int32Array.from(order);
}

function lookOf(state: number, again: boolean, now: boolean, probability: number): number {
  let look = again ? Look.Rewritten : 0;
  if (isOpen(state)) look |= Look.Open;
  else if (state === Slot.Given) look |= Look.Given;
  else if (state === Slot.Pinned) look |= Look.Pinned;
  else {
    if (now) look |= Look.Now;
    if (probability < UNSURE) look |= Look.Unsure;
    else if (probability < HALFSURE) look |= Look.Halfsure;
  }
  return look;
}

/** Row of `slot` in the prediction of step `index`, or -1 when it was not asked. */
export function rowOf(trace: Line, index: number, slot: SlotId): number {
  const step = trace.steps[index];
  return step ? rowIn(step.prediction, slot) : -1;
}

/** Probability that step `index` gave the token it wrote into `slot`, or drew for it; NaN when it was not asked. */
export function probabilityOf(trace: Line, index: number, slot: SlotId): number {
  const step = trace.steps[index];
  if (!step) return Number.NaN;
  const written = logProbOf(step, slot);
  return Math.exp(
    Number.isNaN(written) ? (step.prediction.logProbs[rowIn(step.prediction, slot)] ?? Number.NaN) : written,
  );
}

/** What the rest of the run puts into the slots that are open now, so that their masks can hold the right room. */
function laterIds(trace: Line, playhead: number, states: Uint8Array): Int32Array {
  const later = new Int32Array(states.length).fill(-1);
  const set = (slot: number, id: number) => {
    if (isOpen(states[slot] as number) && later[slot] === -1) later[slot] = id;
  };
  for (let index = playhead; index <= trace.steps.length; index++) {
    for (const edit of trace.edits) {
      if (edit.before === index && index > playhead && !isOpen(edit.state)) set(edit.slot, edit.id);
    }
    const step = trace.steps[index];
    for (const { slot, id } of step ? writtenIn(step) : []) set(slot, id);
  }
  return later;
}
