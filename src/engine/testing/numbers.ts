/** Numbers for tests: reproducible noise, and distances between what came out and what should. */
import { fromFloat32, toFloat32 } from '../../checkpoint/half.ts';
import type { DType } from '../../checkpoint/model.ts';
import { stepKey, word } from '../../diffusion/rng.ts';
import { dequantise, type PackedType, quantise } from '../precision.ts';

/** Standard normal values, the same for the same seed. */
export function noise(length: number, seed: number, gain = 1): Float32Array<ArrayBuffer> {
  const key = stepKey(seed, 0, 0);
  return Float32Array.from({ length }, (_, i) => {
    const [a, b] = [word(key, 2 * i, 0), word(key, 2 * i + 1, 0)].map((bits) => (bits + 0.5) / 2 ** 32);
    return gain * Math.sqrt(-2 * Math.log(a as number)) * Math.cos(2 * Math.PI * (b as number));
  });
}

/** A random matrix as a checkpoint stores it, and the values that the card makes of it in the asked type. */
export function storedNoise(length: number, seed: number, type: PackedType, gain: number, columns: number) {
  const stored: DType = type === 'I8' ? 'F32' : type;
  const bytes = fromFloat32(noise(length, seed, gain), stored);
  const values = type === 'I8' ? dequantise(quantise(bytes, stored, columns)) : toFloat32(bytes, stored);
  return { bytes, stored, values };
}

/** Largest |got − want|; NaN where a value is missing or not a number. */
export function worstError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Number.NaN;
  let worst = 0;
  for (let i = 0; i < want.length; i++) {
    // Equal infinities are at distance 0.
    const error = got[i] === want[i] ? 0 : Math.abs((got[i] as number) - (want[i] as number));
    if (Number.isNaN(error)) return Number.NaN;
    worst = Math.max(worst, error);
  }
  return worst;
}

/** Rows of `width` values from rows that are `stride` apart. */
export function unpad(padded: Float32Array, width: number, stride: number): Float32Array {
  const rows = Math.floor(padded.length / stride);
  const values = new Float32Array(rows * width);
  for (let r = 0; r < rows; r++) values.set(padded.subarray(r * stride, r * stride + width), r * width);
  return values;
}

/** The reverse of `unpad`, with zeros in between. */
export function pad(values: Float32Array, width: number, stride: number): Float32Array<ArrayBuffer> {
  const rows = values.length / width;
  const padded = new Float32Array(rows * stride);
  for (let r = 0; r < rows; r++) padded.set(values.subarray(r * width, (r + 1) * width), r * stride);
  return padded;
}
