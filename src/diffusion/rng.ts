/**
 * The one source of randomness: threefry2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2,
 * 3", SC 2011; the generator of JAX). It is counter-based: a draw is a pure function of (seed, step, stream, slot, draw),
 * so nothing has to be drawn in order, a resumed run draws what the unbroken run would have drawn, and TypeScript and
 * WGSL get the same 32 bits. `shaders/threefry.wgsl` follows this file operation for operation.
 */

/** Two unsigned 32-bit words: a key, a counter or one block of output. */
export type Pair = readonly [number, number];

/** What the draws of a step are for. The numbers are part of the format: changing one changes every link's text. */
export const Stream = {
  /** Token noise; draw = vocabulary id. */
  Gumbel: 0,
  /** Which slots to reveal; draw 0 = uniform score, draw 1 = Gumbel noise of the order; slot = block, draw 2 = clock. */
  Order: 1,
  /** How many slots to reveal; step = grid point, slot = block, draw = trial. */
  Binomial: 2,
  /** Whether a slot is revealed (draw = 2 · block) or masked again (2 · block + 1) at a grid point; step = grid point. */
  Chance: 3,
  /** The first generation of the Game of Life; step = block, slot = cell. */
  Life: 4,
  /** The forward process: whether a slot is masked; step = number of the canvas. */
  Corrupt: 5,
  /** Times and mask counts of a likelihood estimate; step = number of the batch, slot = place in it. */
  Time: 6,
  /** Order of the training texts; step = epoch, slot = place in it. */
  Shuffle: 7,
  /** What an objective draws beyond times and masks; step = training step. */
  Objective: 8,
  /** Weights of a fresh model; step = number of the tensor, slot = element. */
  Init: 9,
  /** Token noise of insertions; draw = vocabulary id. */
  Insertion: 12,
  /** Which edits happen: draw 0 = whether the slot's token goes, 1 = whether nothing takes its place, 2 = insertion. */
  Edit: 13,
  /** Mistakes put into a text; step = number of the text, slot = word. */
  Mistake: 14,
} as const;
export type Stream = (typeof Stream)[keyof typeof Stream];

/** One block of threefry2x32-20: `counter` encrypted under `key`. All words unsigned 32 bits. */
// biome-ignore format: one round of the cipher per line
export function threefry2x32(key: Pair, counter: Pair): Pair {
  const k0 = key[0] | 0;
  const k1 = key[1] | 0;
  // Skein's key-schedule parity constant, cut to 32 bits.
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  let x = (counter[0] + k0) | 0;
  let y = (counter[1] + k1) | 0;

  // Each line is one round: add, rotate left, exclusive-or. Every fourth round takes in the next two key words.
  x = (x + y) | 0; y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0; y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0; y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0; y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k1) | 0; y = (y + k2 + 1) | 0;

  x = (x + y) | 0; y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0; y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0; y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0; y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k2) | 0; y = (y + k0 + 2) | 0;

  x = (x + y) | 0; y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0; y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0; y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0; y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k0) | 0; y = (y + k1 + 3) | 0;

  x = (x + y) | 0; y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0; y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0; y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0; y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k1) | 0; y = (y + k2 + 4) | 0;

  x = (x + y) | 0; y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0; y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0; y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0; y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k2) | 0; y = (y + k0 + 5) | 0;

  return [x >>> 0, y >>> 0];
}

/** Key of one step and purpose: threefry(key = (seed, 0), counter = (step, stream)). */
export function stepKey(seed: number, step: number, stream: Stream): Pair {
  return threefry2x32([seed, 0], [step, stream]);
}

/** 32 random bits: word `draw & 1` of threefry(key, (slot, draw >> 1)), so that no half of a block is wasted. */
export function word(key: Pair, slot: number, draw: number): number {
  return threefry2x32(key, [slot, draw >>> 1])[draw & 1] as number;
}

/** 1 − 2⁻²⁴, the largest f32 below 1. */
const BELOW_ONE = 1 - 2 ** -24;

/**
 * 32 bits as an f32 in (0, 1): `min((f32(bits) + 0.5) · 2⁻³², 1 − 2⁻²⁴)`, each operation rounded to f32, as WGSL does it.
 * Near 0 an f32 is fine-grained, so values as small as 2⁻³³ occur; near 1 it is not, hence the clamp.
 */
export function uniform(bits: number): number {
  return Math.min(Math.fround(Math.fround(bits) + 0.5) * 2 ** -32, BELOW_ONE);
}

/**
 * Standard exponential −ln(1 − w), in f32. Below 1/8 the series w + w²/2 + … + w⁸/8 takes over (the rest is under
 * 2⁻²⁴ of the sum): `1 − w` would round away just the small w that win arg-max races, and WGSL's `log` promises only an
 * absolute error near 1.
 */
export function exponential(w: number): number {
  const f = Math.fround;
  if (w >= 0.125) return f(-Math.log(f(1 - w)));
  let sum = 0.125;
  for (let k = 7; k >= 1; k--) sum = f(f(1 / k) + f(w * sum));
  return f(w * sum);
}

/**
 * Standard Gumbel noise −ln(−ln(1 − w)) of one token of one slot, in f32.
 *
 * Why `1 − w` and not the textbook −ln(−ln u): the tail that decides an arg-max over a large vocabulary is u → 1, where
 * f32 steps by 2⁻²⁴, so the textbook form never exceeds 16.6 and repeats the same few values up there. That silently
 * lowers the temperature (arXiv 2409.02908). Here the tail is w → 0, where f32 keeps 24 significant bits down to 2⁻³³;
 * it reaches ln 2³³ ≈ 22.9, and tokens it cannot reach have a probability below 2⁻³³ per draw.
 */
export function gumbel(key: Pair, slot: number, vocabId: number): number {
  return Math.fround(-Math.log(exponential(uniform(word(key, slot, vocabId)))));
}

/** `gumbel(key, slot, id)` for every id of `out`, at half the work: a threefry block serves two ids. */
export function fillGumbel(out: Float32Array, key: Pair, slot: number): Float32Array {
  for (let id = 0; id < out.length; id += 2) {
    const bits = threefry2x32(key, [slot, id >>> 1]);
    out[id] = -Math.log(exponential(uniform(bits[0])));
    // A write past the end of a typed array is ignored, which is what an odd vocabulary wants.
    out[id + 1] = -Math.log(exponential(uniform(bits[1])));
  }
  return out;
}

/** Successes in `trials` coin tosses of probability `chance`, from draws 0 … trials − 1 of `slot`. */
export function binomial(key: Pair, slot: number, trials: number, chance: number): number {
  let successes = 0;
  for (let draw = 0; draw < trials; draw++) if (word(key, slot, draw) < chance * 2 ** 32) successes++;
  return successes;
}
