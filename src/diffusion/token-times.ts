/**
 * Forward processes in which the tokens of a text are not masked alike: by how much each says (DiffusionBERT's spindle,
 * arXiv 2211.15029), or by where it stands (AR-Diffusion, arXiv 2305.09515). Both were made for a fixed number of steps.
 */
import { roundHalfEven } from './plan.ts';

/**
 * How common each token is: log(count + 1) over the largest of them; 0 of those in `without` (padding). DiffusionBERT takes −log p for how much a token says; the commoner a token, the less.
 */
export function wordFrequencies(counts: ArrayLike<number>, without: readonly number[] = []): Float64Array {
  const logs = Float64Array.from(counts, (count) => Math.log(count + 1));
  const most = logs.reduce((largest, each) => Math.max(largest, each), 0);
  return logs.map((each, id) => (most === 0 || without.includes(id) ? 0 : each / most));
}

/** The frequencies of a text's tokens less their mean. */
export function centred(ids: ArrayLike<number>, frequencies: ArrayLike<number>): Float64Array {
  const each = Float64Array.from(ids, (id) => frequencies[id] ?? 0);
  const mean = each.reduce((sum, value) => sum + value, 0) / Math.max(each.length, 1);
  return each.map((value) => value - mean);
}

/** Vocabularies begin with single bytes or letters; words come after them, the commonest first. */
const FIRST_RANK = 2 ** 8;
/** The rank at which a token counts as not common at all; larger vocabularies have rarer ones only. */
const LAST_RANK = 2 ** 15;

/** How common a token is where nobody has counted, by Zipf's law: 1 of the first 256 ids, 0 from the 32,768th on. */
export function commonByRank(id: number): number {
  const share = Math.log((id + 1) / FIRST_RANK) / Math.log(LAST_RANK / FIRST_RANK);
  return 1 - Math.min(Math.max(share, 0), 1);
}

/** The largest chance with which a token stays as it is after time 0. */
const MOST_KEPT = 0.999;

/** How strongly the spindle bends (word_frequency_lambda). */
export const SPINDLE = 0.3;

/**
 * The spindle (diffusion_word_freq.py): a token is unmasked at time t in [0, 1] with chance 1 − t + λ sin(πt) f, where f is
 * its centred frequency: rare tokens are masked early, common ones late, and all are at both ends.
 */
export function spindleMaskRate(t: number, frequency: number, lambda = SPINDLE): number {
  const kept = 1 - t + lambda * Math.sin(Math.PI * t) * frequency;
  return 1 - Math.min(Math.max(kept, 0), MOST_KEPT);
}

/** Its derivative by t; 0 where the chance is cut. */
export function spindleSlope(t: number, frequency: number, lambda = SPINDLE): number {
  const kept = 1 - t + lambda * Math.sin(Math.PI * t) * frequency;
  return kept <= 0 || kept >= MOST_KEPT ? 0 : 1 - lambda * Math.PI * Math.cos(Math.PI * t) * frequency;
}

export interface TokenLine {
  readonly tokens: number;
  /** Times are 0 … steps − 1. */
  readonly steps: number;
  /** The line reaches the last time at `scale` texts' lengths. */
  readonly scale?: number;
}

/**
 * AR-Diffusion's time of each token (XYUniformSampler): on a line through (position, time) that begins at the lower or left
 * edge, at a point numbered 0 … tokens + steps − 1, and goes up to (scale · tokens, steps − 1). Tokens to the left are
 * always further on: they are written before those behind them.
 */
export function tokenTimes(index: number, { tokens, steps, scale = 2 }: TokenLine): Int32Array {
  const [x, y] = beginning(index, tokens);
  const [endX, endY] = [Math.trunc(scale * tokens), steps - 1];
  const part = (position: number) => Math.fround((position - endX) / (x - endX));
  return clamped({ tokens, steps }, (position) => Math.fround(part(position) * (y - endY)) + endY);
}

/** Its other rule (FixedUniformSampler): lines of one slope, tokens − 1 in steps − 1. */
export function fixedTokenTimes(index: number, { tokens, steps }: TokenLine): Int32Array {
  const [x, y] = beginning(index, tokens);
  const rise = (position: number) => Math.fround((position * (tokens - 1)) / (steps - 1));
  const bias = Math.fround(y - rise(x));
  return clamped({ tokens, steps }, (position) => rise(position) + bias);
}

function beginning(index: number, tokens: number): readonly [number, number] {
  return [Math.max(tokens - 1 - index, 0), Math.max(index - tokens + 1, 0)];
}

/** In float32 and in their order of operations, which decide ties. */
function clamped({ tokens, steps }: TokenLine, time: (position: number) => number): Int32Array {
  return Int32Array.from({ length: tokens }, (_, position) => {
    return Math.min(Math.max(roundHalfEven(Math.fround(time(position))), 0), steps - 1);
  });
}

/** The points that generation goes through, last to first (ddim_sample_xy_loop_progressive): `count` evenly spaced, or all. */
export function lineIndices({ tokens, steps }: TokenLine, count?: number): number[] {
  const all = tokens + steps;
  if (count === undefined) return Array.from({ length: all }, (_, i) => all - 1 - i);
  const stride = Math.floor(all / count);
  return [...Array.from({ length: count }, (_, i) => all - 1 - i * stride), 0];
}
