/**
 * The precisions that weights can have on the card. Half precision is a rounding; int8 is symmetric and per row: row r is
 * q · s with s = max |row| / 127 in f32 and q = round(value / s) (Jacob et al., arXiv 1712.05877, with zero point 0).
 * Products and sums stay in f32, so only the weights are rounded, once.
 */
import { fromFloat32, toFloat32 } from '../checkpoint/half.ts';
import type { DType } from '../checkpoint/model.ts';

/** What a user may ask for; `stored` keeps what the checkpoint holds. */
export const PRECISIONS = ['stored', 'f16', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** How a matrix lies on the card. */
export type PackedType = DType | 'I8';

export function packedType(stored: DType, precision: Precision): PackedType {
  if (precision === 'int8') return 'I8';
  return precision === 'f16' ? 'F16' : stored;
}

const LARGEST_F16 = 65_504;

/** Stored bytes in another type. What f16 cannot hold becomes its largest number, not infinity. */
export function convert(bytes: Uint8Array, from: DType, to: DType): Uint8Array<ArrayBuffer> {
  const values = toFloat32(bytes, from);
  if (to === 'F16') {
    for (let i = 0; i < values.length; i++) {
      values[i] = Math.min(LARGEST_F16, Math.max(-LARGEST_F16, values[i] as number));
    }
  }
  return fromFloat32(values, to);
}

export interface Quantised {
  /** As many as stored values, −127 … 127. */
  readonly values: Int8Array<ArrayBuffer>;
  /** One per row. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/** Rows of `columns` stored values as int8. */
export function quantise(bytes: Uint8Array, stored: DType, columns: number): Quantised {
  const exact = toFloat32(bytes, stored);
  const values = new Int8Array(exact.length);
  const scales = new Float32Array(exact.length / columns);
  for (let row = 0; row < scales.length; row++) {
    const start = row * columns;
    let largest = 0;
    for (let i = start; i < start + columns; i++) largest = Math.max(largest, Math.abs(exact[i] as number));
    scales[row] = largest / 127;
    const scale = scales[row] as number;
    if (scale === 0) continue;
    for (let i = start; i < start + columns; i++) {
      // The rounding of `scale` may push the largest value past 127.
      values[i] = Math.max(-127, Math.min(127, Math.round((exact[i] as number) / scale)));
    }
  }
  return { values, scales };
}

/** The numbers that quantised rows stand for. */
export function dequantise({ values, scales }: Quantised): Float32Array<ArrayBuffer> {
  const columns = values.length / scales.length;
  return Float32Array.from(values, (value, i) => value * (scales[Math.floor(i / columns)] as number));
}
