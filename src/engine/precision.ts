/** How a matrix of each precision lies on the card. */
import { rowsAreBlocks } from '../checkpoint/few-bits-weights.ts';
import { fromFloat32, toFloat32 } from '../checkpoint/half.ts';
import type { DType, TensorInfo } from '../checkpoint/model.ts';
import { fewBitsOf, type Precision } from '../checkpoint/precision.ts';

export type PackedType = DType | 'I8' | 'I4' | 'NF4';

/**
 * `columns`: of the packed form, with padding between heads. Groups and blocks of stored columns must be whole in it; where
 * they are not (heads of a size that is no multiple of four; nf4 of a width that is none of 64, as only small models of
 * tests have) the matrix lies there in f32, with the same values.
 */
export function packedType(
  { dtype, coded, shape }: Pick<TensorInfo, 'dtype' | 'coded' | 'shape'>,
  precision: Precision,
  columns?: number,
): PackedType {
  const stored = shape[1] as number;
  const bits = precision === 'stored' ? coded : fewBitsOf(precision);
  if (bits === undefined) return precision === 'f16' ? 'F16' : dtype;
  if (bits === 'int8') return 'I8';
  if ((columns ?? stored) !== stored || !rowsAreBlocks(bits, stored)) return 'F32';
  return bits === 'int4' ? 'I4' : 'NF4';
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
