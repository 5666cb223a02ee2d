/**
 * The forward process of masked diffusion (MDLM, arXiv 2406.07524): at time t every token is masked with chance p(t), on
 * its own. Each slot draws one uniform number per seed and is masked while p(t) is above it, so moving t uncovers or
 * covers slots one by one, and two schedules at the same mask rate mask the same slots.
 */
import { Stream, stepKey, uniform, word } from './rng.ts';

export interface Corrupted {
  /** The canvas, `[T]`: `maskId` where a slot is masked. */
  readonly ids: Int32Array;
  /** Masked slots, ascending. */
  readonly masked: Int32Array;
}

/** u of each slot, `[length]` in (0, 1). `draw` numbers the canvases of one seed. */
export function slotDraws(length: number, seed: number, draw = 0): Float64Array {
  const key = stepKey(seed, draw, Stream.Corrupt);
  return Float64Array.from({ length }, (_, slot) => uniform(word(key, slot, 0)));
}

/** Masks each slot with chance `rate`: a Bernoulli draw per slot. */
export function corrupt(ids: ArrayLike<number>, maskId: number, rate: number, seed: number, draw = 0): Corrupted {
  const chances = slotDraws(ids.length, seed, draw);
  return maskAt(ids, maskId, (slot) => (chances[slot] as number) < rate);
}

/** Masks exactly `count` slots, each set of that size as likely as any other: those with the smallest numbers. */
export function corruptExactly(
  ids: ArrayLike<number>,
  maskId: number,
  count: number,
  seed: number,
  draw = 0,
): Corrupted {
  const chosen = new Set(maskExactly(ids.length, count, seed, draw));
  return maskAt(ids, maskId, (slot) => chosen.has(slot));
}

/** The `count` slots of `length` that `corruptExactly` masks, ascending. */
export function maskExactly(length: number, count: number, seed: number, draw = 0): number[] {
  const chances = slotDraws(length, seed, draw);
  const order = Array.from(chances.keys()).sort((a, b) => (chances[a] as number) - (chances[b] as number) || a - b);
  return order.slice(0, count).sort((a, b) => a - b);
}

function maskAt(ids: ArrayLike<number>, maskId: number, isMasked: (slot: number) => boolean): Corrupted {
  const masked: number[] = [];
  const canvas = Int32Array.from(ids, (id, slot) => {
    if (!isMasked(slot)) return id;
    masked.push(slot);
    return maskId;
  });
  return { ids: canvas, masked: Int32Array.from(masked) };
}
