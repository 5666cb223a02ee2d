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
import type { LayerConfig, ModelConfig } from '../checkpoint/model.ts';
import type { Geometry, Rotary } from './geometry.ts';
import type { Parameters } from './parameters.ts';

/** The stream after the final norm, `[B·T, H]`, of B canvases laid end to end in `ids`. The caller disposes it. */
export function encode(config: ModelConfig, weights: Parameters, geometry: Geometry, ids: Int32Array): Tensor2D {
  return encodeWith(config, weights, ids, (layer, _, qkv) => {
    return attention(config, qkv, geometry.rotary(layer.ropeTheta), geometry.mask(layer), geometry.length);
  });
}

/** What stands between a layer's q|k|v rows `[N, 3H]` and its mixed values `[N, H]`. */
export type Attend = (layer: LayerConfig, index: number, qkv: Tensor) => Tensor;

/** `encode` with an attention of the caller's: everything else in the network treats each row alone. */
export function encodeWith(config: ModelConfig, weights: Parameters, ids: Int32Array, attend: Attend): Tensor2D {
  return tidy(() => {
    let x = norm(config, weights, 'embeddings.norm', gather(get(weights, 'embeddings'), tensor1d(ids, 'int32')));
    for (const [index, layer] of config.layers.entries()) {
      x = tidy(() => block(config, weights, (qkv) => attend(layer, index, qkv), `layers.${index}`, x as Tensor2D));
    }
    return norm(config, weights, 'finalNorm', x) as Tensor2D;
  });
}

/** Logits of the given rows of `encode`'s answer as `[V, M]`: the vocabulary is the long side. The caller disposes it. */
export function decode(config: ModelConfig, weights: Parameters, hidden: Tensor2D, rows: Int32Array): Tensor2D {
  return tidy(() => {
    const asked = gather(hidden, tensor1d(rows, 'int32'));
    const h = norm(config, weights, 'head.norm', gelu(linear(weights, 'head.dense', asked)));
    const matrix = get(weights, config.tied ? 'embeddings' : 'decoder');
    const logits: Tensor = matMul(matrix, transpose(h));
    const bias = weights.get('decoder.bias');
    return (bias === undefined ? logits : add(logits, reshape(bias, [-1, 1]))) as Tensor2D;
  });
}

function block(
  config: ModelConfig,
  weights: Parameters,
  attend: (qkv: Tensor) => Tensor,
  at: string,
  x: Tensor2D,
): Tensor2D {
  // The first layer has no attention norm: the embedding norm has just run.
  const a = weights.has(`${at}.attnNorm`) ? norm(config, weights, `${at}.attnNorm`, x) : x;
  const qkv = linear(weights, `${at}.qkv`, a);
  const y = add(x, linear(weights, `${at}.attnOut`, attend(qkv)));
  const both = linear(weights, `${at}.mlpIn`, norm(config, weights, `${at}.mlpNorm`, y));
  const width = config.intermediateSize;
  const activated = slice(both, [0, 0], [-1, width]);
  const gate = slice(both, [0, width], [-1, width]);
  return add(y, linear(weights, `${at}.mlpOut`, mul(gelu(activated), gate)));
}

/** softmax(q kᵀ / √d + mask) v for all heads; `qkv` is `[B·T, 3H]`, the answer `[B·T, H]`. */
function attention(
  { heads, headDim, hiddenSize }: ModelConfig,
  qkv: Tensor,
  rotary: Rotary,
  mask: Tensor2D | undefined,
  length: number,
): Tensor {
  const batch = (qkv.shape[0] as number) / length;
  const split: Tensor = transpose(reshape(qkv, [batch, length, 3 * heads, headDim]), [0, 2, 1, 3]);
  const part = (from: number, count: number): Tensor3D =>
    reshape(slice(split, [0, from, 0, 0], [-1, count, -1, -1]), [batch * count, length, headDim]);
  const q = mul(rotate(part(0, heads), rotary), headDim ** -0.5) as Tensor3D;
  const k = rotate(part(heads, heads), rotary);
  const scores = multiplyHeads(q, transpose(k, [0, 2, 1]));
  const weights = softmax(mask === undefined ? scores : add(scores, mask)) as Tensor3D;
  const mixed = multiplyHeads(weights, part(2 * heads, heads));
  return reshape(transpose(reshape(mixed, [batch, heads, length, headDim]), [0, 2, 1, 3]), [
    batch * length,
    hiddenSize,
  ]);
}

/** Turns pairs (j, j + d/2) of `[N, T, d]` by the angle of their position. */
export function rotate(x: Tensor3D, { cos, sin }: Rotary): Tensor3D {
  const half = (x.shape[2] as number) / 2;
  const first = slice(x, [0, 0, 0], [-1, -1, half]);
  const second = slice(x, [0, 0, half], [-1, -1, half]);
  return concat([sub(mul(first, cos), mul(second, sin)), add(mul(second, cos), mul(first, sin))], 2) as Tensor3D;
}

/** Rows up to which tfjs's own batched loop on wasm is faster than packing each head's matrix for XNNPACK (measured). */
const FEW_ROWS = 8;

/** `[N, R, K] · [N, K, C]`. XNNPACK takes one matrix at a time; with many rows the batched loop on wasm is far slower. */
export function multiplyHeads(a: Tensor3D, b: Tensor3D): Tensor3D {
  if (getBackend() !== 'wasm' || a.shape[1] <= FEW_ROWS) return matMul(a, b);
  const right = unstack(b) as Tensor2D[];
  return stack((unstack(a) as Tensor2D[]).map((left, i) => matMul(left, right[i] as Tensor2D))) as Tensor3D;
}

/** x W + b for `x` `[N, in]`. */
function linear(weights: Parameters, name: string, x: Tensor): Tensor2D {
  const product: Tensor = matMul(x, get(weights, name));
  const bias = weights.get(`${name}.bias`);
  return (bias === undefined ? product : add(product, bias)) as Tensor2D;
}

/** Layer norm over the last axis: mean subtracted, scale always, bias only where the model has one. */
function norm(config: ModelConfig, weights: Parameters, name: string, x: Tensor): Tensor2D {
  const centred = sub(x, mean(x, -1, true));
  const scale = rsqrt(add(mean(square(centred), -1, true), config.normEps));
  const scaled = mul(mul(centred, scale), get(weights, name));
  const bias = weights.get(`${name}.bias`);
  return (bias === undefined ? scaled : add(scaled, bias)) as Tensor2D;
}

/** The exact GELU, x Φ(x). All tfjs backends approximate erf within 1.5e-7 (Abramowitz & Stegun 7.1.26). */
function gelu(x: Tensor): Tensor {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

function get(weights: Parameters, name: string): Tensor {
  const value = weights.get(name);
  if (value === undefined) throw new Error(`The model has no tensor "${name}".`);
  return value;
}
