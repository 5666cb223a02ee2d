/** Logits of given tokens, one per asked slot. */

import nf4Source from '../../../shaders/nf4.wgsl?raw';
import pickSource from '../../../shaders/pick.wgsl?raw';
import weightsSource from '../../../shaders/weights.wgsl?raw';
import type { Constants, Kernel } from '../kernel.ts';
import { DTYPE_CODE, type PackedShape, strideOf } from '../pack.ts';

export const pick: Kernel = {
  name: 'pick',
  sources: [weightsSource, nf4Source, pickSource],
  bindings: { 1: 'read', 2: 'read', 3: 'read', 4: 'read', 5: 'write', 6: 'read' },
};

/** `first`: the id that this part of the decoder begins with. */
export function pickConstants(part: PackedShape, first: number): Constants {
  return { DTYPE: DTYPE_CODE[part.dtype], K: strideOf(part.columns), FIRST_ID: first, ID_COUNT: part.rows };
}

/** `hidden` is `[rows, features]`, `decoder` `[V, features]`; the answer is as long as `ids`, asked of `rows`. */
export function reference(
  hidden: Float32Array,
  decoder: Float32Array,
  bias: Float32Array,
  features: number,
  ids: ArrayLike<number>,
  rows: ArrayLike<number>,
): Float32Array {
  return Float32Array.from(ids, (id, i) => {
    const row = rows[i] as number;
    let sum = bias[id] as number;
    for (let k = 0; k < features; k++) {
      sum += (hidden[row * features + k] as number) * (decoder[id * features + k] as number);
    }
    return sum;
  });
}
