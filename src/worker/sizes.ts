/** How many bytes weights take on the card in each precision, by the rules of src/engine/precision.ts. */
import type { TensorInfo } from '../checkpoint/model.ts';
import { PRECISIONS, type Precision, packedType } from '../engine/precision.ts';

const BYTES = { F32: 4, F16: 2, BF16: 2, I8: 1 } as const;

/** Matrices are rounded, vectors stay f32; int8 has a f32 scale per row. */
export function sizesOnCard(tensors: Iterable<Pick<TensorInfo, 'dtype' | 'shape'>>): Record<Precision, number> {
  const all = [...tensors];
  const sizeOf = (precision: Precision) =>
    all.reduce((sum, { dtype, shape }) => {
      const elements = shape.reduce((product, dim) => product * dim, 1);
      if (shape.length < 2) return sum + 4 * elements;
      const type = packedType(dtype, precision);
      return sum + elements * BYTES[type] + (type === 'I8' ? 4 * (shape[0] as number) : 0);
    }, 0);
  return Object.fromEntries(PRECISIONS.map((precision) => [precision, sizeOf(precision)])) as Record<Precision, number>;
}
