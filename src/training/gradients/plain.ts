/**
 * The network's parts with gradients written out, for every tfjs backend. tfjs can derive them itself (`PLAIN` in
 * network.ts), but not on wasm (its gather has no gradient there), not in a fixed order on WebGPU (it adds with
 * racing atomics), and slowly where a product's operand is turned.
 */
import {
  add,
  gather,
  getBackend,
  matMul,
  mean,
  mul,
  rsqrt,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  tensor1d,
  tensor2d,
  tidy,
  transpose,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { Norm } from '../../model/arch.ts';
import { attention } from '../attention.ts';
import { type Ops, PLAIN } from '../network.ts';
import { type Frozen, isFrozen } from '../parameters.ts';
import { custom } from './custom.ts';

export const WITH_GRADIENTS: Ops = {
  lookup: (table, ids) => (isFrozen(table) ? table.rows(ids) : lookup(table, ids)),
  multiply: (a, b) => (isFrozen(b) ? multiplyFrozen(a, b) : multiply(a, b)),
  norm,
  shift: PLAIN.shift,
  activate: PLAIN.activate,
  attention: (spec, geometry, qkv, scales) => attention(spec, geometry, qkv, scales, { norm, multiply }),
};

/** Rows of a table. The gradient adds each row's where it was taken from, in the order of `ids`: the same every time. */
function lookup(table: Tensor2D, ids: Int32Array): Tensor2D {
  const [rows, width] = table.shape;
  return custom([table], ([from]) => ({
    value: gather(from, tensor1d(ids, 'int32')) as Tensor2D,
    back: (dy) => tensor2d(addRows(dy.dataSync() as Float32Array, ids, rows, width), [rows, width]),
  }));
}

/** `[rows, width]`: row i is the sum of those rows n of `values` whose `ids[n]` is i. */
export function addRows(values: Float32Array, ids: Int32Array, rows: number, width: number): Float32Array {
  const sums = new Float32Array(rows * width);
  for (const [n, id] of ids.entries()) {
    for (let c = 0; c < width; c++)
      sums[id * width + c] = (sums[id * width + c] as number) + (values[n * width + c] as number);
  }
  return sums;
}

/** a · b with da = dy · bᵀ and db = aᵀ · dy, both of plain matrices where the backend is slow with turned ones. */
export function multiply<T extends Tensor2D | Tensor3D>(a: T, b: T): T {
  if (getBackend() !== 'wasm') return matMul(a, b);
  return custom<T, [T, T]>([a, b], ([left, right], save) => {
    save([left, right]);
    return {
      value: matMul(left, right),
      back: (dy, saved) => {
        const [l, r] = saved as [T, T];
        return [matMul(dy, turned(r)), matMul(turned(l), dy)];
      },
    };
  });
}

/** a · b of a matrix that does not learn, which is opened again for da = dy · bᵀ. */
function multiplyFrozen(a: Tensor2D, b: Frozen): Tensor2D {
  return custom([a], ([left]) => ({
    value: tidy(() => matMul(left, b.open())),
    back: (dy) => tidy(() => matMul(dy, turned(b.open()))),
  }));
}

function turned<T extends Tensor2D | Tensor3D>(x: T): T {
  return x.rank === 2 ? transpose(x) : transpose(x, [0, 2, 1]);
}

/**
 * A norm y = g x̂ + b with x̂ = (x − μ)/σ. With h = g dy: dx = (h − mean(h) − x̂ mean(h x̂)) / σ, dg = Σ dy x̂,
 * db = Σ dy, means over the columns and sums over the rows. Without a mean (RMS, arXiv 1910.07467) μ and mean(h) are 0.
 */
function norm({ kind, eps }: Norm, x: Tensor2D, scale: Tensor1D, bias: Tensor1D | undefined): Tensor2D {
  return custom([x, scale, bias ?? scale], ([input, gain, shift], save) => {
    const centred: Tensor2D = kind === 'layer' ? sub(input, mean(input, -1, true)) : input;
    const inverse: Tensor = rsqrt(add(mean(square(centred), -1, true), eps));
    const unit: Tensor = mul(centred, inverse);
    save([unit, inverse, gain]);
    const value: Tensor2D = mul(unit, gain);
    const back = (dy: Tensor2D, saved: readonly Tensor[]) => {
      const [xHat, r, g] = saved as [Tensor, Tensor, Tensor];
      const h: Tensor = mul(dy, g);
      const along = mul(xHat, mean(mul(h, xHat), -1, true));
      const level = kind === 'layer' ? sub(h, mean(h, -1, true)) : h;
      const dx = mul(sub(level, along), r);
      return [dx, sum(mul(dy, xHat), 0), bias === undefined ? zerosLike(g) : sum(dy, 0)];
    };
    return { value: bias === undefined ? value : add(value, shift), back };
  });
}
