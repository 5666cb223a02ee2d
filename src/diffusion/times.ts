/**
 * Where along time a likelihood or a training loss is measured. Independent draws leave gaps and clumps; low-discrepancy
 * draws (MDLM, BD3-LM) share one random offset and are otherwise evenly spaced, so a batch sees every stretch of time.
 * A time picked from the batch has the same distribution either way, so the mean is the same, and only its variance falls.
 */
import { Stream, stepKey, uniform, word } from './rng.ts';

export const TIMES = ['independent', 'low-discrepancy'] as const;
export type Times = (typeof TIMES)[number];

/** Times begin here, because the loss weight of most schedules has no bound at t = 0 (mdlm's sampling_eps). */
export const FIRST_TIME = 1e-3;

/** `count` numbers in [0, 1), for batch number `batch` of this seed. */
export function unitDraws(kind: Times, count: number, seed: number, batch: number): Float64Array {
  const key = stepKey(seed, batch, Stream.Time);
  const draw = (place: number) => uniform(word(key, place, 0));
  if (kind === 'independent') return Float64Array.from({ length: count }, (_, place) => draw(place));
  // The one offset of the batch; place 0 has another meaning above, and no estimate mixes the two.
  const offset = draw(0);
  return Float64Array.from({ length: count }, (_, place) => (offset + place) / count);
}

/**
 * One number in each of `count` equal parts of [0, 1), each at a place of its own in its part, as mdlm and bd3lms draw
 * them (`_sample_t`); `unitDraws` gives all the same place. The mean of an estimate is the same either way.
 */
export function stratified(draws: ArrayLike<number>): Float64Array {
  const count = draws.length;
  return Float64Array.from(draws, (draw, place) => ((draw + place) / count) % 1);
}

/** `count` times in [0.001, 1). */
export function timeDraws(kind: Times, count: number, seed: number, batch: number): Float64Array {
  return unitDraws(kind, count, seed, batch).map((u) => (1 - FIRST_TIME) * u + FIRST_TIME);
}
