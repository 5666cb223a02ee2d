/**
 * Cross-entropy of the scored rows, −log softmax(h Eᵀ + b)[target] in nats, and its gradient softmax − one-hot. The
 * logits `[V, M]` are stored here; on WebGPU `kernels/` does without.
 */
import {
  add,
  cast,
  equal,
  exp,
  logSumExp,
  matMul,
  mul,
  range,
  reshape,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { type Frozen, isFrozen } from '../parameters.ts';
import { custom } from './custom.ts';

/** `h` `[M, H]`, `matrix` `[V, H]`, `bias` `[V]`, `targets` `[M]`; gives `[M]`. */
export type CrossEntropy = (
  h: Tensor2D,
  matrix: Tensor2D | Frozen,
  bias: Tensor | undefined,
  targets: Int32Array,
) => Tensor1D;

export function crossEntropyWith(multiply: (a: Tensor2D, b: Tensor2D) => Tensor2D): CrossEntropy {
  return (h, matrix, bias, targets) => {
    const product = isFrozen(matrix) ? frozenLogits(h, matrix) : multiply(matrix, transpose(h));
    return ofLogits(bias === undefined ? product : add(product, reshape(bias, [-1, 1])), targets);
  };
}

/** E hᵀ of a table that does not learn. */
function frozenLogits(h: Tensor2D, table: Frozen): Tensor2D {
  return custom([h], ([rows]) => ({
    value: tidy(() => matMul(table.open(), transpose(rows))),
    back: (dy) => tidy(() => matMul(transpose(dy), table.open())),
  }));
}

function ofLogits(logits: Tensor2D, targets: Int32Array): Tensor1D {
  return custom([logits], ([given], save) => {
    const ids = reshape(range(0, given.shape[0], 1, 'int32'), [-1, 1]);
    const hot = cast(equal(ids, tensor1d(targets, 'int32')), 'float32');
    const all: Tensor = logSumExp(given, 0, true);
    save([given, all, hot]);
    return {
      value: sub(reshape(all, [-1]), sum(mul(given, hot), 0)) as Tensor1D,
      back: (dy, saved) => {
        const [x, lse, one] = saved as [Tensor, Tensor, Tensor];
        return mul(sub(exp(sub(x, lse)), one), reshape(dy, [1, -1]));
      },
    };
  });
}
