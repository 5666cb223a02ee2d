/**
 * What an edit network says beside its decoder (Edit Flows, arXiv 2506.09018; dllm/pipelines/editflow/models): what comes
 * after a token, and how many edits are expected. All heads read the same rows.
 */
import {
  add,
  matMul,
  reshape,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import type { Arch } from '../model/arch.ts';
import { headRows } from './network.ts';
import { type Frozen, isFrozen, type Weighing } from './parameters.ts';

/** Logits of what comes after the given rows of `encode`'s answer, `[V, M]` as `decode` has them. The caller disposes it. */
export function insertionLogits(arch: Arch, weights: Weighing, hidden: Tensor2D, rows: Int32Array): Tensor2D {
  return tidy(() => {
    const h = headRows(arch, weights, hidden, rows);
    const logits: Tensor = matMul(opened(weights, 'insertions'), transpose(h));
    const bias = weights.get('insertions.bias') as Tensor1D | undefined;
    return (bias === undefined ? logits : add(logits, reshape(bias, [-1, 1]))) as Tensor2D;
  });
}

/** What the softplus of is the rates of substitution, removal and insertion, `[M, 3]`. The caller disposes it. */
export function rateLogits(arch: Arch, weights: Weighing, hidden: Tensor2D, rows: Int32Array): Tensor2D {
  return tidy(() => {
    const h = headRows(arch, weights, hidden, rows);
    return add(matMul(h, opened(weights, 'rates')), weights.get('rates.bias') as Tensor1D);
  });
}

function opened(weights: Weighing, name: string): Tensor2D {
  const matrix = weights.get(name) as Tensor2D | Frozen;
  return isFrozen(matrix) ? matrix.open() : matrix;
}
