/**
 * The network that an `Arch` describes in tfjs ops: the same sums as the WGSL engine, on whatever backend tfjs has. Pure
 * functions of description and parameters; B canvases of one length T make one batch. No einsum (it has no gradient in
 * tfjs), and no matrix product with a transposed operand (slow on wasm).
 */
import {
  add,
  concat,
  gather,
  matMul,
  mean,
  mul,
  reshape,
  rsqrt,
  slice,
  square,
  sub,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';
import type { Activation, Arch, AttentionSpec, LayerSpec, MlpSpec, Norm } from '../model/arch.ts';
import { activation } from './activation.ts';
import { attention, type HeadScales } from './attention.ts';
import type { Geometry } from './geometry.ts';
import { type Frozen, isFrozen, type LowRankTensors, type Weighing } from './parameters.ts';

/** What the network is made of, so that training can put in forms with gradients and kernels of its own. */
export interface Ops {
  /** Rows `ids` of `table`. */
  lookup(table: Tensor2D | Frozen, ids: Int32Array): Tensor2D;
  /** `[N, K] · [K, M]`. */
  multiply(a: Tensor2D, b: Tensor2D | Frozen): Tensor2D;
  /** `[N, M]` plus `[M]` in every row. */
  shift(x: Tensor2D, bias: Tensor1D): Tensor2D;
  /** Over the last axis; `bias` where the norm has one. */
  norm(spec: Norm, x: Tensor2D, scale: Tensor1D, bias: Tensor1D | undefined): Tensor2D;
  /** plain: of every number. gated: of the first half of the columns, times the second half. */
  activate(form: MlpSpec['form'], kind: Activation, x: Tensor2D): Tensor2D;
  /** softmax(q kᵀ / √d) v over the keys each query sees: `[B·T, qkvRows]` to `[B·T, heads · headDim]`. */
  attention(spec: AttentionSpec, geometry: Geometry, qkv: Tensor2D, scales: HeadScales | undefined): Tensor2D;
}

/** Nothing but tfjs. */
export const PLAIN: Ops = {
  lookup: (table, ids) => (isFrozen(table) ? table.rows(ids) : gather(table, tensor1d(ids, 'int32'))),
  multiply: (a, b) => (isFrozen(b) ? tidy(() => matMul(a, b.open())) : matMul(a, b)),
  shift: (x, bias) => add(x, bias),
  norm,
  activate: (form, kind, x) => activate(form, kind, x),
  attention: (spec, geometry, qkv, scales) => attention(spec, geometry, qkv, scales, { norm, multiply: matMul }),
};

/**
 * The stream after the last layer, `[B·T, width]`, of B canvases laid end to end in `ids`; or what a block of layers makes of
 * the stream before it. The caller disposes it.
 */
export function encode(
  arch: Arch,
  weights: Weighing,
  geometry: Geometry,
  ids: Int32Array,
  ops = PLAIN,
  block: LayerBlock & { readonly x?: Tensor2D | undefined } = { from: 0, to: arch.layers.length },
): Tensor2D {
  const attend: Attend = (spec, _, qkv, scales) => ops.attention(spec, geometry, qkv, scales);
  return encodeBlock(arch, weights, { ids, positions: geometry.repeated(ids.length) }, attend, ops, block);
}

/** Tokens and where they stand, which only networks with learnt positions ask. */
export interface Tokens {
  readonly ids: Int32Array;
  readonly positions: Int32Array;
}

/** What stands between a layer's q|k|v rows `[N, qkvRows]` and its mixed values `[N, heads · headDim]`. */
export type Attend = (spec: AttentionSpec, index: number, qkv: Tensor2D, scales: HeadScales | undefined) => Tensor2D;

/** `encode` with an attention of the caller's: everything else in the network treats each row alone. */
export function encodeWith(arch: Arch, weights: Weighing, tokens: Tokens, attend: Attend, ops = PLAIN): Tensor2D {
  return encodeBlock(arch, weights, tokens, attend, ops, { from: 0, to: arch.layers.length });
}

/** Some layers, `from` up to `to`. */
export interface LayerBlock {
  readonly from: number;
  readonly to: number;
}

/**
 * A part of `encode`: the stream `x` through the layers of a block, which begins with the embeddings where it has the first
 * layer and ends with the last norm where it has the last one.
 */
export function encodeBlock(
  arch: Arch,
  weights: Weighing,
  tokens: Tokens,
  attend: Attend,
  ops: Ops,
  { from, to, x: given }: LayerBlock & { readonly x?: Tensor2D | undefined },
): Tensor2D {
  return tidy(() => {
    let x = given ?? tidy(() => embed(arch, weights, tokens, ops));
    for (const [i, layer] of arch.layers.slice(from, to).entries()) {
      const index = from + i;
      x = tidy(() => {
        const at = `layers.${index}`;
        const scales = layer.attention.queryKeyNorm && {
          query: get(weights, `${at}.queryNorm`) as Tensor1D,
          key: get(weights, `${at}.keyNorm`) as Tensor1D,
        };
        return block(layer, weights, ops, (qkv) => attend(layer.attention, index, qkv, scales), at, x);
      });
    }
    return to === arch.layers.length ? normed(arch.finalNorm, weights, ops, 'finalNorm', x) : x;
  });
}

/** Rows of `encode`'s answer as the decoder reads them, `[M, width]`. The caller disposes it. */
export function headRows({ head }: Arch, weights: Weighing, hidden: Tensor2D, rows: Int32Array, ops = PLAIN): Tensor2D {
  return tidy(() => {
    const asked = ops.lookup(hidden, rows);
    if (head.dense === undefined) return asked;
    const h = ops.activate('plain', head.dense.activation, linear(weights, ops, 'head.dense', asked));
    return normed(head.dense.norm, weights, ops, 'head.norm', h);
  });
}

/** The matrix `[V, width]` that turns a head's row into logits. */
export function decoderMatrix({ tied }: Arch, weights: Weighing): Tensor2D | Frozen {
  return matrix(weights, tied ? 'embeddings' : 'decoder');
}

/** Logits of the given rows of `encode`'s answer as `[V, M]`: the vocabulary is the long side. The caller disposes it. */
export function decode(arch: Arch, weights: Weighing, hidden: Tensor2D, rows: Int32Array): Tensor2D {
  return tidy(() => {
    const h = headRows(arch, weights, hidden, rows);
    const decoder = decoderMatrix(arch, weights);
    const logits: Tensor = matMul(isFrozen(decoder) ? decoder.open() : decoder, transpose(h));
    const bias = vector(weights, 'decoder.bias');
    return (bias === undefined ? logits : add(logits, reshape(bias, [-1, 1]))) as Tensor2D;
  });
}

function embed(arch: Arch, weights: Weighing, { ids, positions }: Tokens, ops: Ops): Tensor2D {
  let x = ops.lookup(matrix(weights, 'embeddings'), ids);
  if (arch.positions) {
    const { offset } = arch.positions;
    const rows = positions.map((position) => position + offset);
    x = add(x, ops.lookup(matrix(weights, 'positions'), rows));
  }
  // Every token is of the first kind.
  if (arch.tokenTypes) x = ops.shift(x, reshape(ops.lookup(matrix(weights, 'tokenTypes'), Int32Array.of(0)), [-1]));
  return normed(arch.embeddingNorm, weights, ops, 'embeddings.norm', x);
}

function block(
  { order, attention: { norm: attentionNorm }, mlp }: LayerSpec,
  weights: Weighing,
  ops: Ops,
  attend: (qkv: Tensor2D) => Tensor2D,
  at: string,
  x: Tensor2D,
): Tensor2D {
  const mix = (a: Tensor2D) => linear(weights, ops, `${at}.attnOut`, attend(linear(weights, ops, `${at}.qkv`, a)));
  const think = (a: Tensor2D) =>
    linear(
      weights,
      ops,
      `${at}.mlpOut`,
      ops.activate(mlp.form, mlp.activation, linear(weights, ops, `${at}.mlpIn`, a)),
    );
  const first = (a: Tensor2D) => normed(attentionNorm, weights, ops, `${at}.attnNorm`, a);
  const second = (a: Tensor2D) => normed(mlp.norm, weights, ops, `${at}.mlpNorm`, a);
  if (order === 'post') {
    const y = first(add(x, mix(x)));
    return second(add(y, think(y)));
  }
  const y: Tensor2D = add(x, mix(first(x)));
  return add(y, think(second(y)));
}

/** x W + b for `x` `[N, in]`, and what low ranks add. */
function linear(weights: Weighing, ops: Ops, name: string, x: Tensor2D): Tensor2D {
  const product = ops.multiply(x, matrix(weights, name));
  const bias = vector(weights, `${name}.bias`);
  const shifted = bias === undefined ? product : ops.shift(product, bias);
  const low = weights.lowRanks?.(name) ?? [];
  return low.length === 0 ? shifted : add(shifted, lowRankTerm(ops, low, x, product.shape[1]));
}

/** `[N, columns]`: the low ranks side by side, zeros where there is none. */
function lowRankTerm(ops: Ops, low: readonly LowRankTensors[], x: Tensor2D, columns: number): Tensor2D {
  const parts: Tensor2D[] = [];
  let at = 0;
  const fill = (to: number) => {
    if (to > at) parts.push(zeros([x.shape[0], to - at]));
    at = to;
  };
  for (const { a, b, scale, first, drop } of low) {
    fill(first);
    const within = ops.multiply(drop ? drop(x) : x, a);
    parts.push(ops.multiply(mul(within, scale), b));
    at += b.shape[1];
  }
  fill(columns);
  return parts.length === 1 ? (parts[0] as Tensor2D) : concat(parts, 1);
}

function normed(spec: Norm | undefined, weights: Weighing, ops: Ops, name: string, x: Tensor2D): Tensor2D {
  if (spec === undefined) return x;
  return ops.norm(spec, x, get(weights, name) as Tensor1D, vector(weights, `${name}.bias`));
}

function norm({ kind, eps }: Norm, x: Tensor2D, scale: Tensor1D, bias: Tensor1D | undefined): Tensor2D {
  const centred: Tensor2D = kind === 'layer' ? sub(x, mean(x, -1, true)) : x;
  const scaled: Tensor2D = mul(mul(centred, rsqrt(add(mean(square(centred), -1, true), eps))), scale);
  return bias === undefined ? scaled : add(scaled, bias);
}

function activate(form: MlpSpec['form'], kind: Activation, x: Tensor2D): Tensor2D {
  if (form === 'plain') return activation(kind, x);
  const width = x.shape[1] / 2;
  return mul(activation(kind, slice(x, [0, 0], [-1, width])), slice(x, [0, width], [-1, width]));
}

function matrix(weights: Weighing, name: string): Tensor2D | Frozen {
  return get(weights, name) as Tensor2D | Frozen;
}

function vector(weights: Weighing, name: string): Tensor1D | undefined {
  return weights.get(name) as Tensor1D | undefined;
}

function get(weights: Weighing, name: string): Tensor | Frozen {
  const value = weights.get(name);
  if (value === undefined) throw new Error(`The model has no tensor "${name}".`);
  return value;
}
