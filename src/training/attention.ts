/**
 * Softmax attention by matrix products, in tfjs ops. Queries that share a key stand under one another in one matrix
 * (grouped-query attention, arXiv 2305.13245), so that keys and values are never repeated.
 */
import {
  add,
  concat,
  getBackend,
  matMul,
  mul,
  reshape,
  slice,
  softmax,
  stack,
  sub,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  transpose,
  unstack,
} from '@tensorflow/tfjs-core';
import type { AttentionSpec, Norm } from '../model/arch.ts';
import type { Angles, Geometry } from './geometry.ts';

/** Of the norms of queries and keys, each `[headDim]`. */
export interface HeadScales {
  readonly query: Tensor1D;
  readonly key: Tensor1D;
}

export interface AttentionOps {
  norm(spec: Norm, x: Tensor2D, scale: Tensor1D, bias: undefined): Tensor2D;
  /** One head's matrices, or all heads' at once. */
  multiply<T extends Tensor2D | Tensor3D>(a: T, b: T): T;
}

/** Of B canvases, each `[B · its heads, rows, headDim]`; queries and keys normed and turned by their position. */
export interface Heads {
  readonly q: Tensor3D;
  readonly k: Tensor3D;
  readonly v: Tensor3D;
}

/** Whole canvases: `qkv` `[B·T, qkvRows]`, the answer `[B·T, heads · headDim]`. */
export function attention(
  spec: AttentionSpec,
  geometry: Geometry,
  qkv: Tensor2D,
  scales: HeadScales | undefined,
  ops: AttentionOps,
): Tensor2D {
  return mixed(spec, geometry, splitHeads(spec, geometry, qkv, scales, ops), ops);
}

/** The rows of `geometry`, apart. */
export function splitHeads(
  { heads, kvHeads, headDim, queryKeyNorm, rotary }: AttentionSpec,
  geometry: Geometry,
  qkv: Tensor2D,
  scales: HeadScales | undefined,
  { norm }: AttentionOps,
): Heads {
  const rows = geometry.to - geometry.from;
  const batch = (qkv.shape[0] as number) / rows;
  const apart: Tensor = transpose(reshape(qkv, [batch, rows, heads + 2 * kvHeads, headDim]), [0, 2, 1, 3]);
  const part = (from: number, count: number): Tensor3D =>
    reshape(slice(apart, [0, from, 0, 0], [-1, count, -1, -1]), [batch * count, rows, headDim]);
  const placed = (x: Tensor3D, scale: Tensor1D | undefined): Tensor3D => {
    const normed: Tensor3D =
      queryKeyNorm && scale ? reshape(norm(queryKeyNorm, reshape(x, [-1, headDim]), scale, undefined), x.shape) : x;
    return rotary ? rotate(normed, geometry.rotary(rotary, headDim)) : normed;
  };
  return {
    q: mul(placed(part(0, heads), scales?.query), headDim ** -0.5),
    k: placed(part(heads, kvHeads), scales?.key),
    v: part(heads + kvHeads, kvHeads),
  };
}

/** Values mixed for each query row of `geometry`; keys and values are of all its positions. */
export function mixed(
  { heads, kvHeads, headDim, sees }: AttentionSpec,
  geometry: Geometry,
  { q, k, v }: Heads,
  { multiply }: Pick<AttentionOps, 'multiply'>,
): Tensor2D {
  const rows = geometry.to - geometry.from;
  const batch = q.shape[0] / heads;
  const under: [number, number] = [batch * kvHeads, (heads / kvHeads) * rows];
  const scores = multiplyHeads(reshape(q, [...under, headDim]) as Tensor3D, transpose(k, [0, 2, 1]), multiply);
  const [mask, ends] = [geometry.mask(sees), geometry.ends()];
  let shown =
    mask === undefined ? scores : reshape(add(reshape(scores, [batch * heads, rows, -1]), mask), scores.shape);
  if (ends) shown = reshape(add(reshape(shown, [batch, heads, rows, -1]), ends), scores.shape);
  const values = multiplyHeads(softmax(shown) as Tensor3D, v, multiply);
  const byHead = reshape(values, [batch, heads, rows, headDim]) as Tensor4D;
  return reshape(transpose(byHead, [0, 2, 1, 3]), [batch * rows, heads * headDim]);
}

/** Turns pairs (j, j + d/2) of `[N, T, d]` by the angle of their position. */
function rotate(x: Tensor3D, { cos, sin }: Angles): Tensor3D {
  const half = (x.shape[2] as number) / 2;
  const first = slice(x, [0, 0, 0], [-1, -1, half]);
  const second = slice(x, [0, 0, half], [-1, -1, half]);
  return concat([sub(mul(first, cos), mul(second, sin)), add(mul(second, cos), mul(first, sin))], 2) as Tensor3D;
}

/** Rows up to which tfjs's own batched loop on wasm is faster than packing each head's matrix for XNNPACK (measured). */
const FEW_ROWS = 8;

/** `[N, R, K] · [N, K, C]`. XNNPACK takes one matrix at a time; with many rows the batched loop on wasm is far slower. */
function multiplyHeads(a: Tensor3D, b: Tensor3D, multiply: AttentionOps['multiply'] = matMul): Tensor3D {
  if (getBackend() !== 'wasm' || a.shape[1] <= FEW_ROWS) return multiply(a, b);
  const right = unstack(b) as Tensor2D[];
  return stack((unstack(a) as Tensor2D[]).map((left, i) => multiply(left, right[i] as Tensor2D))) as Tensor3D;
}
