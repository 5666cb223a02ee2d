/** Attention with its gradient on WebGPU, without a stored T × T matrix (FlashAttention, arXiv 2205.14135). */

import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import attentionSource from '../../../shaders/train_attention.wgsl?raw';
import keysSource from '../../../shaders/train_attention_keys.wgsl?raw';
import queriesSource from '../../../shaders/train_attention_queries.wgsl?raw';
import windowSource from '../../../shaders/train_attention_window.wgsl?raw';
import rotarySource from '../../../shaders/train_rotary.wgsl?raw';
import type { AttentionSpec } from '../../model/arch.ts';
import { windowOf } from '../../model/sees.ts';
import type { Geometry } from '../geometry.ts';
import { custom } from '../gradients/custom.ts';
import { allocate, type Kernel, run } from './run.ts';

const rotary: Kernel = { name: 'train rotary', sources: [rotarySource] };
const forward: Kernel = { name: 'train attention', sources: [windowSource, attentionSource] };
const byQueries: Kernel = { name: 'train attention queries', sources: [windowSource, queriesSource] };
const byKeys: Kernel = { name: 'train attention keys', sources: [windowSource, keysSource] };

/** Queries or keys of a workgroup. */
const ROWS = 64;
/** Beyond any canvas. */
const EVERYTHING = 2 ** 24;

/** The kernels hold a head in registers, four numbers at a time. */
export function fitsAttention({ headDim }: AttentionSpec): boolean {
  return headDim % 4 === 0 && headDim <= 64;
}

/** softmax(q kᵀ / √d) v over the visible keys: `qkv` `[B·T, 3H]`, the answer `[B·T, H]`. */
export function attention(spec: AttentionSpec, geometry: Geometry, qkv: Tensor2D): Tensor2D {
  const { heads, headDim } = spec;
  const hiddenSize = heads * headDim;
  const [before, after] = windowOf(spec.sees);
  const rows = qkv.shape[0];
  const sizes = { HEADS: heads, HEAD: headDim };
  const seen = (keys: number) => Math.min(keys, EVERYTHING);
  const constants = { ...sizes, LEFT: seen(before), RIGHT: seen(after), SCALE: headDim ** -0.5 };
  const params = [geometry.length];
  const grid = [Math.ceil(geometry.length / ROWS), heads, rows / geometry.length] as const;

  const turn = (x: Tensor, sign: 1 | -1): Tensor2D => {
    const { cos, sin } = geometry.rotary(spec);
    const y: Tensor2D = allocate([rows, 3 * hiddenSize]);
    const workgroups = [Math.ceil((1.5 * hiddenSize) / 64), rows] as const;
    run(rotary, { constants: { ...sizes, SIGN: sign }, params, bindings: [x, cos, sin, y], workgroups });
    return y;
  };
  return custom([qkv], ([given], save) => {
    const turned = turn(given, 1);
    const value: Tensor2D = allocate([rows, hiddenSize]);
    const logSums = allocate([rows, heads]);
    run(forward, { constants, params, bindings: [turned, value, logSums], workgroups: grid });
    save([turned, value, logSums]);
    const back = (dy: Tensor2D, saved: readonly Tensor[]) => {
      const [x, y, sums] = saved as [Tensor, Tensor, Tensor];
      const dx = allocate([rows, 3 * hiddenSize]);
      const deltas = allocate([rows, heads]);
      run(byQueries, { constants, params, bindings: [x, y, dy, sums, dx, deltas], workgroups: grid });
      run(byKeys, { constants, params, bindings: [x, dy, sums, deltas, dx], workgroups: grid });
      return turn(dx, -1);
    };
    return { value, back };
  });
}
