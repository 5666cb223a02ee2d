/** How many bytes a model's weights take on the card in each precision. */
import type { TensorInfo } from '../checkpoint/model.ts';
import { PRECISIONS, type Precision } from '../checkpoint/precision.ts';
import { weightPieces } from '../engine/fit.ts';
import type { Arch } from '../model/arch.ts';

export function sizesOnCard(arch: Arch, tensors: ReadonlyMap<string, TensorInfo>): Record<Precision, number> {
  const sizeOf = (precision: Precision) =>
    weightPieces(arch, tensors, { precision }).reduce((sum, { bytes }) => sum + bytes, 0);
  return Object.fromEntries(PRECISIONS.map((precision) => [precision, sizeOf(precision)])) as Record<Precision, number>;
}
