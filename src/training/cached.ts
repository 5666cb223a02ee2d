/**
 * A pass over some rows of a canvas, in tfjs: the rows attend to themselves and to keys and values that an earlier pass
 * left for all other positions. With the rows at the end of a text this is the key-value cache of an autoregressive
 * model; with a block in the middle it is Fast-dLLM's (arXiv 2505.22618). `encode` of modernbert.ts is the whole pass.
 */

import {
  add,
  concat,
  keep,
  mul,
  reshape,
  slice,
  softmax,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  transpose,
} from '@tensorflow/tfjs-core';
import type { Arch, AttentionSpec } from '../model/arch.ts';
import type { Geometry } from './geometry.ts';
import { encodeWith, multiplyHeads, rotate } from './modernbert.ts';
import type { Parameters } from './parameters.ts';

/** Of one layer, each `[heads, positions, headDim]`; keys are turned by their position. */
export interface KeyValues {
  readonly keys: Tensor3D;
  readonly values: Tensor3D;
}

export interface Rows {
  /** The stream after the final norm, `[to − from, H]`. */
  readonly hidden: Tensor2D;
  /** Per layer, of all `geometry.length` positions. */
  readonly keyValues: readonly KeyValues[];
}

/**
 * Rows `[from, to)` of `ids`, as `geometry` says; `past` has at least the positions before `from`, and all after `to`
 * when there are any. The caller disposes what is returned; `past` stays the caller's.
 */
export function encodeRows(
  arch: Arch,
  weights: Parameters,
  geometry: Geometry,
  ids: Int32Array,
  past?: readonly KeyValues[],
): Rows {
  const { from, to } = geometry;
  const keyValues: KeyValues[] = [];
  const hidden = encodeWith(arch, weights, ids.subarray(from, to), (spec, index, qkv) => {
    const { mixed, all } = attend(spec, geometry, qkv, past?.[index]);
    keyValues.push({ keys: keep(all.keys), values: keep(all.values) });
    return mixed;
  });
  return { hidden, keyValues };
}

export function disposeKeyValues(keyValues: readonly KeyValues[] | undefined): void {
  for (const { keys, values } of keyValues ?? []) {
    keys.dispose();
    values.dispose();
  }
}

function attend(
  spec: AttentionSpec,
  geometry: Geometry,
  qkv: Tensor2D,
  past: KeyValues | undefined,
): { mixed: Tensor2D; all: KeyValues } {
  const { heads, headDim } = spec;
  const rows = geometry.to - geometry.from;
  const rotary = geometry.rotary(spec);
  const split: Tensor = transpose(reshape(qkv, [rows, 3 * heads, headDim]), [1, 0, 2]);
  const part = (which: number) => slice(split, [which * heads, 0, 0], [heads, -1, -1]) as Tensor3D;
  const q = mul(rotate(part(0), rotary), headDim ** -0.5) as Tensor3D;
  const keys = joined(past?.keys, rotate(part(1), rotary), geometry);
  const values = joined(past?.values, part(2), geometry);
  const scores = multiplyHeads(q, transpose(keys, [0, 2, 1]));
  const mask = geometry.mask(spec.sees);
  const weights = softmax(mask === undefined ? scores : add(scores, mask)) as Tensor3D;
  const mixed: Tensor2D = reshape(transpose(multiplyHeads(weights, values), [1, 0, 2]), [rows, heads * headDim]);
  return { mixed, all: { keys, values } };
}

/** Fresh rows in their place among those of the past. */
function joined(past: Tensor3D | undefined, fresh: Tensor3D, { from, to, length }: Geometry): Tensor3D {
  if (past === undefined) return fresh;
  const parts = [fresh];
  if (from > 0) parts.unshift(slice(past, [0, 0, 0], [-1, from, -1]));
  if (to < length) parts.push(slice(past, [0, to, 0], [-1, length - to, -1]));
  return parts.length === 1 ? fresh : (concat(parts, 1) as Tensor3D);
}
