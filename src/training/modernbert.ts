/**
 * ModernBERT (arXiv 2412.13663) and its causal decoder in tfjs ops: the same sums as the WGSL engine, on whatever
 * backend tfjs has. Pure functions of configuration and parameters; B canvases of one length T make one batch.
 * No einsum (it has no gradient in tfjs), and no matrix product with a transposed operand (slow on wasm).
 */

import {
  add,
  concat,
  erf,
  gather,
  getBackend,
  matMul,
  mean,
  mul,
  reshape,
  rsqrt,
  slice,
  softmax,
  square,
  stack,
  sub,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  tensor1d,
  tidy,
  transpose,
  unstack,
} from '@tensorflow/tfjs-core';
import type { Arch, AttentionSpec, LayerSpec, Norm } from '../model/arch.ts';
import type { Angles, Geometry } from './geometry.ts';
import type { Parameters } from './parameters.ts';

/** What the network is made of, so that training can put in forms with gradients and kernels of its own. */
export interface Ops {
  /** Rows `ids` of `table`. */
  lookup(table: Tensor2D, ids: Int32Array): Tensor2D;
  /** `[N, K] · [K, M]`. */
  multiply(a: Tensor2D, b: Tensor2D): Tensor2D;
  /** Layer norm over the last axis: mean subtracted, scaled, shifted where the model has a bias. */
  norm(x: Tensor2D, scale: Tensor, bias: Tensor | undefined, eps: number): Tensor2D;
  /** GELU of the first half of the columns, times the second half. */
  gate(both: Tensor2D): Tensor2D;
  /** softmax(q kᵀ / √d) v over the visible keys, for all heads: `[B·T, 3H]` to `[B·T, H]`. */
  attention(spec: AttentionSpec, geometry: Geometry, qkv: Tensor2D): Tensor2D;
}

/** Nothing but tfjs. */
export const PLAIN: Ops = {
  lookup: (table, ids) => gather(table, tensor1d(ids, 'int32')),
  multiply: (a, b) => matMul(a, b),
  norm,
  gate,
  attention: (spec, geometry, qkv) => attention(spec, geometry, qkv, matMul),
};

/** The stream after the final norm, `[B·T, H]`, of B canvases laid end to end in `ids`. The caller disposes it. */
export function encode(arch: Arch, weights: Parameters, geometry: Geometry, ids: Int32Array, ops = PLAIN): Tensor2D {
  return encodeWith(arch, weights, ids, (spec, _, qkv) => ops.attention(spec, geometry, qkv), ops);
}

/** What stands between a layer's q|k|v rows `[N, 3H]` and its mixed values `[N, H]`. */
export type Attend = (spec: AttentionSpec, index: number, qkv: Tensor2D) => Tensor2D;

/** `encode` with an attention of the caller's: everything else in the network treats each row alone. */
export function encodeWith(arch: Arch, weights: Parameters, ids: Int32Array, attend: Attend, ops = PLAIN): Tensor2D {
  return tidy(() => {
    const found = ops.lookup(get(weights, 'embeddings') as Tensor2D, ids);
    let x = normed(arch.embeddingNorm, weights, ops, 'embeddings.norm', found);
    for (const [index, layer] of arch.layers.entries()) {
      const mix = (qkv: Tensor2D) => attend(layer.attention, index, qkv);
      x = tidy(() => block(layer, weights, ops, mix, `layers.${index}`, x));
    }
    return normed(arch.finalNorm, weights, ops, 'finalNorm', x);
  });
}

/** Rows of `encode`'s answer as the decoder reads them, `[M, H]`. The caller disposes it. */
export function headRows(arch: Arch, weights: Parameters, hidden: Tensor2D, rows: Int32Array, ops = PLAIN): Tensor2D {
  return tidy(() => {
    const asked = ops.lookup(hidden, rows);
    return normed(arch.head.dense?.norm, weights, ops, 'head.norm', gelu(linear(weights, ops, 'head.dense', asked)));
  });
}

/** The matrix `[V, H]` that turns a head's row into logits. */
export function decoderMatrix(arch: Arch, weights: Parameters): Tensor2D {
  return get(weights, arch.tied ? 'embeddings' : 'decoder') as Tensor2D;
}

/** Logits of the given rows of `encode`'s answer as `[V, M]`: the vocabulary is the long side. The caller disposes it. */
export function decode(arch: Arch, weights: Parameters, hidden: Tensor2D, rows: Int32Array): Tensor2D {
  return tidy(() => {
    const h = headRows(arch, weights, hidden, rows);
    const logits: Tensor = matMul(decoderMatrix(arch, weights), transpose(h));
    const bias = weights.get('decoder.bias');
    return (bias === undefined ? logits : add(logits, reshape(bias, [-1, 1]))) as Tensor2D;
  });
}

function block(
  { attention, mlp }: LayerSpec,
  weights: Parameters,
  ops: Ops,
  attend: (qkv: Tensor2D) => Tensor2D,
  at: string,
  x: Tensor2D,
): Tensor2D {
  const a = normed(attention.norm, weights, ops, `${at}.attnNorm`, x);
  const qkv = linear(weights, ops, `${at}.qkv`, a);
  const y: Tensor2D = add(x, linear(weights, ops, `${at}.attnOut`, attend(qkv)));
  const both = linear(weights, ops, `${at}.mlpIn`, normed(mlp.norm, weights, ops, `${at}.mlpNorm`, y));
  return add(y, linear(weights, ops, `${at}.mlpOut`, ops.gate(both)));
}

function gate(both: Tensor2D): Tensor2D {
  const width = both.shape[1] / 2;
  return mul(gelu(slice(both, [0, 0], [-1, width])), slice(both, [0, width], [-1, width]));
}

/** Heads by matrix products; `multiply` takes one head's matrices, or all heads' at once. */
export function attention(spec: AttentionSpec, geometry: Geometry, qkv: Tensor2D, multiply: Multiply): Tensor2D {
  const { heads, headDim } = spec;
  const { length } = geometry;
  const rotary = geometry.rotary(spec);
  const mask = geometry.mask(spec.sees);
  const batch = (qkv.shape[0] as number) / length;
  const split: Tensor = transpose(reshape(qkv, [batch, length, 3 * heads, headDim]), [0, 2, 1, 3]);
  const part = (from: number, count: number): Tensor3D =>
    reshape(slice(split, [0, from, 0, 0], [-1, count, -1, -1]), [batch * count, length, headDim]);
  const q = mul(rotate(part(0, heads), rotary), headDim ** -0.5) as Tensor3D;
  const k = rotate(part(heads, heads), rotary);
  const scores = multiplyHeads(q, transpose(k, [0, 2, 1]), multiply);
  const weights = softmax(mask === undefined ? scores : add(scores, mask)) as Tensor3D;
  const mixed = multiplyHeads(weights, part(2 * heads, heads), multiply);
  return reshape(transpose(reshape(mixed, [batch, heads, length, headDim]), [0, 2, 1, 3]), [
    batch * length,
    heads * headDim,
  ]);
}

/** Turns pairs (j, j + d/2) of `[N, T, d]` by the angle of their position. */
export function rotate(x: Tensor3D, { cos, sin }: Angles): Tensor3D {
  const half = (x.shape[2] as number) / 2;
  const first = slice(x, [0, 0, 0], [-1, -1, half]);
  const second = slice(x, [0, 0, half], [-1, -1, half]);
  return concat([sub(mul(first, cos), mul(second, sin)), add(mul(second, cos), mul(first, sin))], 2) as Tensor3D;
}

/** Rows up to which tfjs's own batched loop on wasm is faster than packing each head's matrix for XNNPACK (measured). */
const FEW_ROWS = 8;

type Multiply = <T extends Tensor2D | Tensor3D>(a: T, b: T) => T;

/** `[N, R, K] · [N, K, C]`. XNNPACK takes one matrix at a time; with many rows the batched loop on wasm is far slower. */
export function multiplyHeads(a: Tensor3D, b: Tensor3D, multiply: Multiply = matMul): Tensor3D {
  if (getBackend() !== 'wasm' || a.shape[1] <= FEW_ROWS) return multiply(a, b);
  const right = unstack(b) as Tensor2D[];
  return stack((unstack(a) as Tensor2D[]).map((left, i) => multiply(left, right[i] as Tensor2D))) as Tensor3D;
}

/** x W + b for `x` `[N, in]`. */
function linear(weights: Parameters, ops: Ops, name: string, x: Tensor2D): Tensor2D {
  const product = ops.multiply(x, get(weights, name) as Tensor2D);
  const bias = weights.get(`${name}.bias`);
  return bias === undefined ? product : add(product, bias);
}

/** `x` itself where the network has no norm. */
function normed(norm: Norm | undefined, weights: Parameters, ops: Ops, name: string, x: Tensor2D): Tensor2D {
  return norm ? ops.norm(x, get(weights, name), weights.get(`${name}.bias`), norm.eps) : x;
}

function norm(x: Tensor2D, scale: Tensor, bias: Tensor | undefined, eps: number): Tensor2D {
  const centred = sub(x, mean(x, -1, true));
  const scaled: Tensor2D = mul(mul(centred, rsqrt(add(mean(square(centred), -1, true), eps))), scale);
  return bias === undefined ? scaled : add(scaled, bias);
}

/** The exact GELU, x Φ(x). All tfjs backends approximate erf within 1.5e-7 (Abramowitz & Stegun 7.1.26). */
function gelu<T extends Tensor>(x: T): T {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

function get(weights: Parameters, name: string): Tensor {
  const value = weights.get(name);
  if (value === undefined) throw new Error(`The model has no tensor "${name}".`);
  return value;
}
