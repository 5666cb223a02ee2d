/**
 * ModernBERT in plain TypeScript: what the engine computes, kernel by kernel, without a GPU. Slow, and meant to be read
 * (arXiv 2412.13663; layer details as in Hugging Face's modeling_modernbert.py).
 */

import { toFloat32 } from '../checkpoint/half.ts';
import type { Weights } from '../checkpoint/model.ts';
import { type Arch, type LayerSpec, type Norm, qkvRows, type Rotary } from '../model/arch.ts';
import type { Anchored } from './kept.ts';
import { twin as attention, rotaryTwin as rotary } from './kernels/attention.ts';
import { twin as embed } from './kernels/embed.ts';
import { gateTwin as gate, geluTwin as gelu, twin as matmul } from './kernels/matmul.ts';
import { twin as norm } from './kernels/norm.ts';

/** All tensors of a model as f32. */
export type Tensors = ReadonlyMap<string, Float32Array>;

export async function readTensors(weights: Weights): Promise<Tensors> {
  const tensors = new Map<string, Float32Array>();
  for (const [name, { dtype }] of weights.tensors) tensors.set(name, toFloat32(await weights.read(name), dtype));
  return tensors;
}

/** Hidden rows `[T, hiddenSize]` before the decoder; with a cache, those of rows `[from, to)` count. */
export function hiddenRows(arch: Arch, tensors: Tensors, ids: ArrayLike<number>, cache?: Anchored): Float32Array {
  const width = qkvRows((arch.layers[0] as LayerSpec).attention);
  const anchor: Float32Array[] = [];
  if (cache) pass(arch, tensors, cache.anchor, (qkv) => anchor[anchor.push(qkv) - 1] as Float32Array);
  return pass(arch, tensors, ids, (qkv, layer) => {
    if (!cache) return qkv;
    const mixed = (anchor[layer] as Float32Array).slice();
    mixed.set(qkv.subarray(cache.from * width, cache.to * width), cache.from * width);
    return mixed;
  });
}

/** `see` gets the queries, keys and values of each layer, `[T, 3, heads, headDim]`, and returns those to attend with. */
function pass(
  arch: Arch,
  tensors: Tensors,
  ids: ArrayLike<number>,
  see: (qkv: Float32Array, layer: number) => Float32Array,
): Float32Array {
  const { width: hiddenSize } = arch;
  const { eps } = arch.finalNorm as Norm;
  const weight = (name: string) => tensors.get(name) as Float32Array;
  const linear = (x: Float32Array, name: string, columns = hiddenSize) =>
    matmul(x, weight(name), columns, tensors.get(`${name}.bias`));
  const normed = (x: Float32Array, name: string) => norm(x, hiddenSize, weight(name), tensors.get(`${name}.bias`), eps);

  const [scale, shift] = [weight('embeddings.norm'), tensors.get('embeddings.norm.bias')];
  let x = embed(ids, weight('embeddings'), hiddenSize, scale, shift, eps);
  arch.layers.forEach(({ attention: spec, mlp }, i) => {
    const at = `layers.${i}`;
    const input = tensors.has(`${at}.attnNorm`) ? normed(x, `${at}.attnNorm`) : x;
    const qkv = see(rotary(linear(input, `${at}.qkv`), spec, spec.rotary as Rotary), i);
    x = add(x, linear(attention(qkv, spec, spec.sees), `${at}.attnOut`));
    const gated = gate(linear(normed(x, `${at}.mlpNorm`), `${at}.mlpIn`), mlp.width);
    x = add(x, linear(gated, `${at}.mlpOut`, mlp.width));
  });
  return normed(gelu(linear(normed(x, 'finalNorm'), 'head.dense')), 'head.norm');
}

/** Logits `[T, vocabSize]`. */
export function logits(arch: Arch, tensors: Tensors, ids: ArrayLike<number>, cache?: Anchored): Float32Array {
  const decoder = tensors.get(arch.tied ? 'embeddings' : 'decoder') as Float32Array;
  return matmul(hiddenRows(arch, tensors, ids, cache), decoder, arch.width, tensors.get('decoder.bias'));
}

function add(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value + (b[i] as number));
}
