/** Everything known about one slot at one moment: the word, what it could have been, and how sure the network grew. */
import { isOpen, Slot } from '../../diffusion/canvas.ts';
import type { Line } from '../../diffusion/replay.ts';
import { type Frame, rowOf } from './frame.ts';

/** How many alternatives are worth reading. */
const LISTED = 8;

export interface Alternative {
  readonly id: number;
  readonly probability: number;
  /** The id that stands in the slot. */
  readonly chosen: boolean;
}

export interface Guess {
  readonly step: number;
  /** The likeliest id of that step, and its probability. */
  readonly id: number;
  readonly probability: number;
}

export interface Inspection {
  readonly slot: number;
  readonly id: number;
  readonly open: boolean;
  /** One `Slot`. */
  readonly state: number;
  /** Step (from 0) that wrote it, or -1. */
  readonly writtenAt: number;
  readonly probability: number;
  /** Nats; NaN when no prediction tells. */
  readonly entropy: number;
  /** Step whose prediction is shown, or -1. */
  readonly asked: number;
  readonly alternatives: readonly Alternative[];
  /** The leading guess of every step that asked this slot, up to the one shown. */
  readonly guesses: readonly Guess[];
}

export function inspect(trace: Line, frame: Frame, slot: number): Inspection | undefined {
  if (!frame.order.includes(slot)) return undefined;
  const id = frame.ids[slot] as number;
  const state = frame.states[slot] as number;
  const open = isOpen(state);
  const writtenAt = frame.writtenAt[slot] as number;
  const asked = writtenAt >= 0 ? writtenAt : state === Slot.Given ? -1 : latestAsked(trace, frame.playhead, slot);
  const row = asked < 0 ? -1 : rowOf(trace, asked, slot);
  const prediction = trace.steps[asked]?.prediction;
  return {
    slot,
    id,
    open,
    state,
    writtenAt,
    probability: frame.probability[slot] as number,
    entropy: prediction && row >= 0 ? (prediction.entropy[row] as number) : Number.NaN,
    asked: row < 0 ? -1 : asked,
    alternatives: row < 0 ? [] : alternatives(trace, asked, row, open ? -1 : id),
    guesses: row < 0 ? [] : guesses(trace, asked, slot),
  };
}

/** The step at the playhead says what the network thinks of this very canvas; before it exists, the last one must do. */
function latestAsked(trace: Line, playhead: number, slot: number): number {
  for (let index = Math.min(playhead, trace.steps.length - 1); index >= 0; index--) {
    if (rowOf(trace, index, slot) >= 0) return index;
  }
  return -1;
}

function alternatives(trace: Line, index: number, row: number, chosen: number): Alternative[] {
  const prediction = trace.steps[index]?.prediction;
  if (!prediction) return [];
  const list: Alternative[] = [];
  for (let rank = 0; rank < Math.min(prediction.topK, LISTED); rank++) {
    const id = prediction.topIds[row * prediction.topK + rank] as number;
    const probability = Math.exp(prediction.topLogProbs[row * prediction.topK + rank] as number);
    if (probability > 0) list.push({ id, probability, chosen: id === chosen });
  }
  // A word drawn from further down the list is shown all the same.
  if (chosen === prediction.ids[row] && !list.some((one) => one.chosen)) {
    list.push({ id: chosen, probability: Math.exp(prediction.logProbs[row] as number), chosen: true });
  }
  return list;
}

function guesses(trace: Line, last: number, slot: number): Guess[] {
  const list: Guess[] = [];
  for (let step = 0; step <= last; step++) {
    const row = rowOf(trace, step, slot);
    const prediction = trace.steps[step]?.prediction;
    if (row < 0 || !prediction || prediction.topK === 0) continue;
    const id = prediction.topIds[row * prediction.topK] as number;
    list.push({ step, id, probability: Math.exp(prediction.topLogProbs[row * prediction.topK] as number) });
  }
  return list;
}
