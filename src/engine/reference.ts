/**
 * Every network in plain TypeScript: what the engine computes, kernel by kernel, without a GPU. Slow, and meant to be read
 * (layers of Attention Is All You Need, arXiv 1706.03762, with the parts that `Arch` names).
 */
import { toFloat32 } from '../checkpoint/half.ts';
import type { Weights } from '../checkpoint/model.ts';
import type { CacheUse } from '../diffusion/network.ts';
import type { Arch, MlpSpec, Norm } from '../model/arch.ts';
import { activationReference } from './kernels/activation.ts';
import { reference as attention } from './kernels/attention.ts';
import { reference as embed } from './kernels/embed.ts';
import { headNormReference, rotaryReference } from './kernels/heads.ts';
import { gateReference, reference as matmul } from './kernels/matmul.ts';
import { reference as norm } from './kernels/norm.ts';

/** All tensors of a model as f32. */
export type Tensors = ReadonlyMap<string, Float32Array>;

export async function readTensors(weights: Weights): Promise<Tensors> {
  const tensors = new Map<string, Float32Array>();
  for (const [name, { dtype }] of weights.tensors) tensors.set(name, toFloat32(await weights.read(name), dtype));
  return tensors;
}

export interface ReferenceOptions {
  /** 0, 1, 2 … unless told. */
  readonly positions?: ArrayLike<number> | undefined;
  readonly cache?: CacheUse | undefined;
}

/** Hidden rows `[T, width]` before the decoder; with an anchor, those of rows `[from, to)` count. */
export function hiddenRows(
  arch: Arch,
  tensors: Tensors,
  ids: ArrayLike<number>,
  { cache, positions = Int32Array.from({ length: ids.length }, (_, i) => i) }: ReferenceOptions = {},
): Float32Array {
  if (cache === undefined) return pass(arch, tensors, ids, positions, (qkv) => qkv);
  const earlier: Float32Array[] = [];
  const before = cache.kind === 'anchored' ? cache.anchor : Array.from(ids).slice(0, cache.prefix);
  pass(arch, tensors, before, positions, (qkv) => earlier[earlier.push(qkv) - 1] as Float32Array);
  const [from, to] = cache.kind === 'anchored' ? [cache.from, cache.to] : [cache.prefix, ids.length];
  return pass(arch, tensors, ids, positions, (qkv, layer) => {
    const width = qkv.length / ids.length;
    const mixed = qkv.slice();
    mixed.set(earlier[layer] as Float32Array);
    mixed.set(qkv.subarray(from * width, to * width), from * width);
    return mixed;
  });
}

/** `see` gets the queries, keys and values of each layer, `[T, qkvRows]`, and returns those to attend with. */
function pass(
  arch: Arch,
  tensors: Tensors,
  ids: ArrayLike<number>,
  positions: ArrayLike<number>,
  see: (qkv: Float32Array, layer: number) => Float32Array,
): Float32Array {
  const { width, head } = arch;
  const at = Array.from(ids, (_, i) => positions[i] as number);
  const weight = (name: string) => tensors.get(name) as Float32Array;
  const linear = (x: Float32Array, name: string, columns = width) =>
    matmul(x, weight(name), columns, tensors.get(`${name}.bias`));
  const normed = (x: Float32Array, name: string, spec: Norm | undefined) =>
    spec ? norm(x, width, spec, weight(name), tensors.get(`${name}.bias`)) : x;
  const feedForward = (x: Float32Array, name: string, { form, activation, width: inner }: MlpSpec) => {
    const y = linear(x, `${name}mlpIn`);
    const active =
      form === 'gated' ? gateReference(y, inner, activation) : y.map((value) => activationReference(activation, value));
    return linear(active, `${name}mlpOut`, inner);
  };

  const learned = arch.positions && { table: weight('positions'), offset: arch.positions.offset };
  const tables = { tokens: weight('embeddings'), positions: learned, types: tensors.get('tokenTypes') };
  let x = normed(embed(ids, at, tables, width), 'embeddings.norm', arch.embeddingNorm);
  arch.layers.forEach(({ order, attention: spec, mlp }, i) => {
    const name = `layers.${i}.`;
    const attend = (input: Float32Array) => {
      let qkv = linear(input, `${name}qkv`);
      if (spec.queryKeyNorm) {
        const [query, key] = [weight(`${name}queryNorm`), weight(`${name}keyNorm`)];
        qkv = headNormReference(qkv, spec, spec.queryKeyNorm.eps, query, key);
      }
      const seen = see(rotaryReference(qkv, spec, at), i);
      return linear(attention(seen, spec), `${name}attnOut`, spec.heads * spec.headDim);
    };
    if (order === 'pre') {
      x = add(x, attend(normed(x, `${name}attnNorm`, spec.norm)));
      x = add(x, feedForward(normed(x, `${name}mlpNorm`, mlp.norm), name, mlp));
    } else {
      x = normed(add(x, attend(x)), `${name}attnNorm`, spec.norm);
      x = normed(add(x, feedForward(x, name, mlp)), `${name}mlpNorm`, mlp.norm);
    }
  });
  x = normed(x, 'finalNorm', arch.finalNorm);
  if (head.dense === undefined) return x;
  const { activation, norm: last } = head.dense;
  const active = linear(x, 'head.dense').map((value) => activationReference(activation, value));
  return normed(active, 'head.norm', last);
}

/** Logits `[T, vocab]` of the network's rows, before any shift. */
export function logits(
  arch: Arch,
  tensors: Tensors,
  ids: ArrayLike<number>,
  options: ReferenceOptions = {},
): Float32Array {
  const decoder = tensors.get(arch.tied ? 'embeddings' : 'decoder') as Float32Array;
  return matmul(hiddenRows(arch, tensors, ids, options), decoder, arch.width, tensors.get('decoder.bias'));
}

function add(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value + (b[i] as number));
}
