/** Token embedding and its layer norm, one workgroup per token. */
import embedSource from '../../../shaders/embed.wgsl?raw';
import normSource from '../../../shaders/norm.wgsl?raw';
import weightsSource from '../../../shaders/weights.wgsl?raw';
import type { Constants, Kernel } from '../kernel.ts';
import { DTYPE_CODE, type PackedShape, strideOf } from '../pack.ts';
import { twin as normTwin } from './norm.ts';

export const embed: Kernel = {
  name: 'embed',
  sources: [weightsSource, normSource, embedSource],
  bindings: { 1: 'read', 2: 'read', 3: 'read', 4: 'write' },
};

/** `first` and `count`: the ids that this part of the table holds. */
export function embedConstants(table: PackedShape, eps: number, first: number): Constants {
  return {
    DTYPE: DTYPE_CODE[table.dtype],
    K: strideOf(table.columns),
    FEATURES: table.columns,
    STRIDE: strideOf(table.columns),
    EPS: eps,
    FIRST_ID: first,
    ID_COUNT: table.rows,
  };
}

/** `table` is `[V, features]`; the answer `[T, features]`. */
export function twin(
  ids: ArrayLike<number>,
  table: Float32Array,
  features: number,
  weight: Float32Array,
  bias: Float32Array | undefined,
  eps: number,
): Float32Array {
  const rows = new Float32Array(ids.length * features);
  for (let t = 0; t < ids.length; t++) {
    const id = ids[t] as number;
    rows.set(table.subarray(id * features, (id + 1) * features), t * features);
  }
  return normTwin(rows, features, weight, bias, eps);
}
