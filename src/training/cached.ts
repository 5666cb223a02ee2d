/**
 * A pass over some rows of a canvas, in tfjs: the rows attend to themselves and to keys and values that an earlier pass
 * left for all other positions. With the rows at the end of a text this is the key-value cache of an autoregressive
 * model; with a block in the middle it is Fast-dLLM's (arXiv 2505.22618). `encode` of network.ts is the whole pass.
 */
import { concat, keep, matMul, slice, type Tensor2D, type Tensor3D } from '@tensorflow/tfjs-core';
import type { Arch } from '../model/arch.ts';
import { mixed, splitHeads } from './attention.ts';
import type { Geometry } from './geometry.ts';
import { encodeWith, PLAIN } from './network.ts';
import type { Weighing } from './parameters.ts';

/** Of one layer, each `[kvHeads, positions, headDim]`; keys are turned by their position. */
export interface KeyValues {
  readonly keys: Tensor3D;
  readonly values: Tensor3D;
}

export interface Rows {
  /** The stream after the last layer, `[to − from, width]`. */
  readonly hidden: Tensor2D;
  /** Per layer, of all `geometry.length` positions. */
  readonly keyValues: readonly KeyValues[];
}

const OPS = { norm: PLAIN.norm, multiply: matMul };

/**
 * Rows `[from, to)` of `ids`, as `geometry` says; `past` has at least the positions before `from`, and all after `to`
 * when there are any. The caller disposes what is returned; `past` stays the caller's.
 */
export function encodeRows(
  arch: Arch,
  weights: Weighing,
  geometry: Geometry,
  ids: Int32Array,
  past?: readonly KeyValues[],
): Rows {
  const { from, to, positions } = geometry;
  const keyValues: KeyValues[] = [];
  const tokens = { ids: ids.subarray(from, to), positions };
  const hidden = encodeWith(arch, weights, tokens, (spec, index, qkv, scales) => {
    const { q, k, v } = splitHeads(spec, geometry, qkv, scales, OPS);
    const keys = keep(joined(past?.[index]?.keys, k, geometry));
    const values = keep(joined(past?.[index]?.values, v, geometry));
    keyValues.push({ keys, values });
    return mixed(spec, geometry, { q, k: keys, v: values }, OPS);
  });
  return { hidden, keyValues };
}

export function disposeKeyValues(keyValues: readonly KeyValues[] | undefined): void {
  for (const { keys, values } of keyValues ?? []) {
    keys.dispose();
    values.dispose();
  }
}

/** Fresh rows in their place among those of the past. */
function joined(past: Tensor3D | undefined, fresh: Tensor3D, { from, to, length }: Geometry): Tensor3D {
  if (past === undefined) return fresh;
  const parts = [fresh];
  if (from > 0) parts.unshift(slice(past, [0, 0, 0], [-1, from, -1]));
  if (to < length) parts.push(slice(past, [0, to, 0], [-1, length - to, -1]));
  return parts.length === 1 ? fresh : (concat(parts, 1) as Tensor3D);
}
