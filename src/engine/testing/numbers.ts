/** Numbers for tests: reproducible noise, and distances between what came out and what should. */
import { type Coded, dequantise, type FewBits, quantise } from '../../checkpoint/few-bits.ts';
import { fromFloat32, toFloat32 } from '../../checkpoint/half.ts';
import type { DType } from '../../checkpoint/model.ts';
import { stepKey, word } from '../../diffusion/rng.ts';
import { type Order, type PackedShape, packCoded, packMatrix } from '../pack.ts';
import type { PackedType } from '../precision.ts';

/** Standard normal values, the same for the same seed. */
export function noise(length: number, seed: number, gain = 1): Float32Array<ArrayBuffer> {
  const key = stepKey(seed, 0, 0);
  return Float32Array.from({ length }, (_, i) => {
    const [a, b] = [word(key, 2 * i, 0), word(key, 2 * i + 1, 0)].map((bits) => (bits + 0.5) / 2 ** 32);
    return gain * Math.sqrt(-2 * Math.log(a as number)) * Math.cos(2 * Math.PI * (b as number));
  });
}

const FEW_BITS: Readonly<Partial<Record<PackedType, FewBits>>> = { I8: 'int8', I4: 'int4', NF4: 'nf4' };

/** A random matrix in the asked type: its values, and itself packed for the card. */
export function storedNoise(length: number, seed: number, type: PackedType, gain: number, columns: number) {
  const exact = noise(length, seed, gain);
  const bits = FEW_BITS[type];
  if (bits !== undefined) {
    const coded: Coded = quantise(exact, columns, bits);
    const pack = (shape: PackedShape, rowOrder?: Order) => packCoded(coded, shape, { rowOrder });
    return { values: dequantise(coded), pack };
  }
  const stored = type as DType;
  const bytes = fromFloat32(exact, stored);
  const pack = (shape: PackedShape, rowOrder?: Order) =>
    packMatrix(bytes, shape, { stored, storedColumns: columns, rowOrder });
  return { values: toFloat32(bytes, stored), pack };
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
