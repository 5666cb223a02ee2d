/**
 * What every slot looks like at one moment of a run, as typed arrays: computed from the Trace alone and painted by the
 * token canvas. `playhead` counts the steps already applied, so 0 is the canvas before the first step.
 */
import { isOpen, Slot } from '../../diffusion/canvas.ts';
import { canvasAt, endedAt } from '../../diffusion/replay.ts';
import type { Trace } from '../../diffusion/trace.ts';

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
} as const;

/** Below these probabilities a written word is underlined: dotted, then thin. */
export const UNSURE = 0.3;
export const HALFSURE = 0.6;

export interface Frame {
  readonly playhead: number;
  readonly ids: Int32Array;
  /** One `Slot` per position. */
  readonly states: Uint8Array;
  /** `Look` bits per position. */
  readonly looks: Uint8Array;
  /** Step (from 0) that wrote the slot, or -1. */
  readonly writtenAt: Int16Array;
  /** Probability the network gave the written token, or NaN. */
  readonly probability: Float32Array;
  /** For open slots: the id this run will write there later, or -1 when that is not known yet. */
  readonly later: Int32Array;
  /** Open slots that are still to be written: those behind the end of an answer are not. */
  readonly masks: number;
}

export function frameAt(trace: Trace, playhead: number): Frame {
  const end = Math.max(0, Math.min(playhead, trace.steps.length));
  const { ids, states } = canvasAt(trace, end);
  const writtenAt = new Int16Array(ids.length).fill(-1);
  const again = new Uint8Array(ids.length);
  for (const edit of trace.edits) if (edit.before <= end && edit.state === Slot.Remasked) again[edit.slot] = 1;
  for (let index = 0; index < end; index++) {
    for (const slot of trace.steps[index]?.remasked ?? []) again[slot] = 1;
    for (const slot of trace.steps[index]?.revealed ?? []) {
      if (writtenAt[slot] !== -1) again[slot] = 1;
      writtenAt[slot] = index;
    }
  }

  const looks = new Uint8Array(ids.length);
  const probability = new Float32Array(ids.length).fill(Number.NaN);
  const answered = endedAt(trace, end)?.to ?? ids.length;
  let masks = 0;
  for (const [slot, state] of states.entries()) {
    const wrote = writtenAt[slot] as number;
    if (wrote >= 0 && writtenId(trace, wrote, slot) === ids[slot])
      probability[slot] = probabilityOf(trace, wrote, slot);
    else writtenAt[slot] = -1;
    const unneeded = isOpen(state) && slot >= answered;
    if (isOpen(state) && !unneeded) masks++;
    looks[slot] = lookOf(state, again[slot] === 1, wrote >= 0 && wrote === end - 1, probability[slot] as number);
    if (unneeded) looks[slot] = Look.Open | Look.Unneeded;
  }
  return { playhead: end, ids, states, looks, writtenAt, probability, later: laterIds(trace, end, states), masks };
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

/** Row of `slot` in the prediction of step `index`, or -1 when it was not asked. Asked slots are ascending. */
export function rowOf(trace: Trace, index: number, slot: number): number {
  const slots = trace.steps[index]?.prediction.slots;
  if (!slots) return -1;
  let low = 0;
  let high = slots.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = slots[middle] as number;
    if (found === slot) return middle;
    if (found < slot) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Probability that step `index` gave the id it drew for `slot`, or NaN. */
export function probabilityOf(trace: Trace, index: number, slot: number): number {
  const row = rowOf(trace, index, slot);
  return row < 0 ? Number.NaN : Math.exp(trace.steps[index]?.prediction.logProbs[row] as number);
}

function writtenId(trace: Trace, index: number, slot: number): number {
  const step = trace.steps[index];
  return step?.revealedIds[step.revealed.indexOf(slot)] ?? -1;
}

/** What the rest of the run puts into the slots that are open now, so that their masks can hold the right room. */
function laterIds(trace: Trace, playhead: number, states: Uint8Array): Int32Array {
  const later = new Int32Array(states.length).fill(-1);
  const set = (slot: number, id: number) => {
    if (isOpen(states[slot] as number) && later[slot] === -1) later[slot] = id;
  };
  for (let index = playhead; index <= trace.steps.length; index++) {
    for (const edit of trace.edits) {
      if (edit.before === index && index > playhead && !isOpen(edit.state)) set(edit.slot, edit.id);
    }
    const step = trace.steps[index];
    for (const [rank, slot] of step?.revealed.entries() ?? []) set(slot, step?.revealedIds[rank] ?? -1);
  }
  return later;
}
