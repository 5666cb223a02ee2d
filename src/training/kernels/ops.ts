/** The network's parts on WebGPU: own kernels where they fit the model, the plain forms elsewhere. */
import { concat, reshape, split, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { AttentionSpec } from '../../model/arch.ts';
import { type HeadScales, attention as plainAttention } from '../attention.ts';
import { multiply as anyMultiply } from '../gradients/plain.ts';
import type { Ops } from '../network.ts';
import { isFrozen } from '../parameters.ts';
import { attention, fitsAttention } from './attention.ts';
import { activate, lookup, multiply, multiplyFrozen, norm, shift } from './parts.ts';

export const ON_WEBGPU: Ops = {
  lookup: (table, ids) => (isFrozen(table) ? table.rows(ids) : lookup(table, ids)),
  multiply: (a, b) => (isFrozen(b) ? multiplyFrozen(a, b) : multiply(a, b)),
  shift,
  activate,
  norm,
  attention: (spec, geometry, qkv, scales) =>
    fitsAttention(spec) && geometry.ends() === undefined
      ? attention(spec, geometry, scales === undefined ? qkv : normedHeads(spec, qkv, scales))
      : plainAttention(spec, geometry, qkv, scales, { norm, multiply: anyMultiply }),
};

/** Each query and key normed. */
function normedHeads({ heads, kvHeads, headDim, queryKeyNorm }: AttentionSpec, qkv: Tensor2D, scales: HeadScales) {
  if (queryKeyNorm === undefined) return qkv;
  const rows = qkv.shape[0];
  const [q, k, v] = split(qkv, [heads * headDim, kvHeads * headDim, kvHeads * headDim], 1) as [
    Tensor2D,
    Tensor2D,
    Tensor2D,
  ];
  const each = (x: Tensor2D, scale: Tensor1D): Tensor2D =>
    reshape(norm(queryKeyNorm, reshape(x, [-1, headDim]), scale, undefined), [rows, -1]);
  return concat([each(q, scales.query), each(k, scales.key), v], 1);
}
