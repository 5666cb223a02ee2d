/** Attention with its gradient on WebGPU, without a stored T × T matrix (FlashAttention, arXiv 2205.14135). */
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import attentionSource from '../../../shaders/train_attention.wgsl?raw';
import keysSource from '../../../shaders/train_attention_keys.wgsl?raw';
import queriesSource from '../../../shaders/train_attention_queries.wgsl?raw';
import seesSource from '../../../shaders/train_attention_sees.wgsl?raw';
import head64Source from '../../../shaders/train_head_64.wgsl?raw';
import head128Source from '../../../shaders/train_head_128.wgsl?raw';
import rotarySource from '../../../shaders/train_rotary.wgsl?raw';
import { type AttentionSpec, qkvRows, type Sees } from '../../model/arch.ts';
import type { Geometry } from '../geometry.ts';
import { custom } from '../gradients/custom.ts';
import { allocate, type Kernel, run } from './run.ts';

const rotary: Kernel = { name: 'train rotary', sources: [rotarySource] };

function kernels(head: 64 | 128) {
  const shared = [head === 64 ? head64Source : head128Source, seesSource];
  const kernel = (name: string, source: string): Kernel => ({
    name: `train attention ${name} ${head}`,
    sources: [...shared, source],
  });
  return {
    forward: kernel('forward', attentionSource),
    byQueries: kernel('queries', queriesSource),
    byKeys: kernel('keys', keysSource),
  };
}
const NARROW = kernels(64);
const WIDE = kernels(128);

/** Queries or keys of a workgroup. */
const ROWS = 64;
/** Beyond any canvas. */
const EVERYTHING = 2 ** 24;

/** The kernels hold a head in registers, four numbers at a time. */
export function fitsAttention({ headDim }: AttentionSpec): boolean {
  return headDim % 4 === 0 && headDim <= 128;
}

/**
 * softmax(q kᵀ / √d) v over the keys each query sees: `qkv` `[B·T, qkvRows]`, the answer `[B·T, heads · headDim]`. Norms
 * of queries and keys have happened.
 */
export function attention(spec: AttentionSpec, geometry: Geometry, qkv: Tensor2D): Tensor2D {
  const { heads, kvHeads, headDim } = spec;
  const { forward, byQueries, byKeys } = headDim > 64 ? WIDE : NARROW;
  const rows = qkv.shape[0];
  const sizes = { HEADS: heads, KEY_HEADS: kvHeads, HEAD: headDim };
  const constants = { ...sizes, ...pattern(geometry.seen(spec.sees)), SCALE: headDim ** -0.5 };
  const params = [geometry.length];
  const tiles = Math.ceil(geometry.length / ROWS);
  const canvases = rows / geometry.length;

  const turn = (x: Tensor, sign: 1 | -1): Tensor => {
    if (spec.rotary === undefined) return x;
    const { cos, sin } = geometry.rotary(spec.rotary, headDim);
    const y = allocate([rows, qkvRows(spec)]);
    const workgroups = [Math.ceil(qkvRows(spec) / 2 / 64), rows] as const;
    run(rotary, { constants: { ...sizes, SIGN: sign }, params, bindings: [x, cos, sin, y], workgroups });
    return y;
  };
  return custom([qkv], ([given], save) => {
    const turned = turn(given, 1);
    const value: Tensor2D = allocate([rows, heads * headDim]);
    const logSums = allocate([rows, heads]);
    run(forward, { constants, params, bindings: [turned, value, logSums], workgroups: [tiles, heads, canvases] });
    save([turned, value, logSums]);
    const back = (dy: Tensor2D, saved: readonly Tensor[]) => {
      const [x, y, sums] = saved as [Tensor, Tensor, Tensor];
      const dx = allocate([rows, qkvRows(spec)]);
      const deltas = allocate([rows, heads]);
      const asked = { constants, params };
      run(byQueries, { ...asked, bindings: [x, y, dy, sums, dx, deltas], workgroups: [tiles, heads, canvases] });
      run(byKeys, { ...asked, bindings: [x, dy, sums, deltas, dx], workgroups: [tiles, kvHeads, canvases] });
      return turn(dx, -1);
    };
    return { value, back };
  });
}

/** How the kernels are told who sees whom. */
function pattern(sees: Sees): Record<string, number> {
  if ('blocks' in sees) return { PATTERN: 1, BLOCK: sees.blocks };
  if ('noisyAndClean' in sees) return { PATTERN: 2, BLOCK: sees.noisyAndClean };
  const [before, after] = sees.window.map((keys) => Math.min(keys, EVERYTHING));
  return { PATTERN: 0, LEFT: before as number, RIGHT: after as number };
}
