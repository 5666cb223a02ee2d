/** Multi-head attention over q|k|v rows whose rotary position is already applied. One dispatch per layer, no T × T matrix. */

import attentionSource from '../../../shaders/attention.wgsl?raw';
import subgroupSource from '../../../shaders/attention_subgroup.wgsl?raw';
import tiledSource from '../../../shaders/attention_tiled.wgsl?raw';
import enableSubgroups from '../../../shaders/enable_subgroups.wgsl?raw';
import type { AttentionSpec, Rotary, Sees } from '../../model/arch.ts';
import { frequencies } from '../../model/rotary.ts';
import { windowOf } from '../../model/sees.ts';
import type { Constants, Kernel, Workgroups } from '../kernel.ts';
import { paddedHead, strideOf } from '../pack.ts';

/** How keys and values reach the registers; see the shader files of the same names. */
export type AttentionForm = 'tiled' | 'subgroup';

function attentionKernel(name: string, source: string, enable = ''): Kernel {
  return { name, sources: [enable, attentionSource, source], bindings: { 0: 'uniform', 1: 'read', 2: 'write' } };
}

/** Their bindings are the same. */
export const ATTENTIONS: Readonly<Record<AttentionForm, Kernel>> = {
  tiled: attentionKernel('attention', tiledSource),
  subgroup: attentionKernel('attention subgroup', subgroupSource, enableSubgroups),
};

/** Largest head size that the kernel's registers are laid out for. */
export const MAX_HEAD = 128;

/**
 * Queries of a workgroup and keys of a tile; staged ones such that both fit in the 16 KiB that every device has. The
 * other form has one thread per query: few, so that few see nothing at the edges of a window.
 */
function tileFor(form: AttentionForm, head: number): { QUERIES: number; KEYS?: number } {
  if (form === 'subgroup') return { QUERIES: 16 };
  return head > 64 ? { QUERIES: 8, KEYS: 16 } : { QUERIES: 16, KEYS: 32 };
}

/** "Everything before" and "everything after" the query. */
const UNBOUNDED = 2 ** 30;

export type Heads = Pick<AttentionSpec, 'heads' | 'headDim'>;

export function attentionConstants(form: AttentionForm, { heads, headDim }: Heads, sees: Sees): Constants {
  const [before, after] = windowOf(sees);
  const head = paddedHead(headDim);
  return {
    HEADS: heads,
    HEAD: head,
    X_STRIDE: strideOf(3 * heads * head),
    Y_STRIDE: strideOf(heads * head),
    SCALE: 1 / Math.sqrt(headDim),
    LEFT: Math.min(before, UNBOUNDED),
    RIGHT: Math.min(after, UNBOUNDED),
    ...tileFor(form, head),
  };
}

export function attentionWorkgroups(form: AttentionForm, { heads, headDim }: Heads, rows: number): Workgroups {
  return [Math.ceil(rows / tileFor(form, paddedHead(headDim)).QUERIES), heads];
}

/** cos and sin of each position's angles, `frequencies` times the position, as `[positions, paddedHead / 2, 2]`. */
export function rotaryTable(positions: number, headDim: number, rotary: Rotary): Float32Array<ArrayBuffer> {
  const pairs = paddedHead(headDim) / 2;
  const table = new Float32Array(positions * pairs * 2);
  for (const [j, frequency] of frequencies(rotary, headDim).entries()) {
    for (let position = 0; position < positions; position++) {
      table[2 * (position * pairs + j)] = Math.cos(position * frequency);
      table[2 * (position * pairs + j) + 1] = Math.sin(position * frequency);
    }
  }
  return table;
}

/** Rotary position the textbook way, on rows `[3, heads, headDim]`: pairs (d, d + headDim / 2) of queries and keys. */
export function rotaryTwin(qkv: Float32Array, { heads, headDim }: Heads, rotary: Rotary): Float32Array {
  const turns = frequencies(rotary, headDim);
  const y = qkv.slice();
  const half = headDim / 2;
  for (let row = 0; row < qkv.length / (3 * heads * headDim); row++) {
    for (let head = 0; head < 2 * heads; head++) {
      for (let d = 0; d < half; d++) {
        const at = (row * 3 * heads + head) * headDim + d;
        const angle = row * (turns[d] as number);
        const a = qkv[at] as number;
        const b = qkv[at + half] as number;
        y[at] = a * Math.cos(angle) - b * Math.sin(angle);
        y[at + half] = b * Math.cos(angle) + a * Math.sin(angle);
      }
    }
  }
  return y;
}

/**
 * softmax(q · kᵀ / √headDim) · v over the visible keys. `qkv` is `[positions, 3, heads, headDim]`, the answer, for queries
 * `[from, to)`, `[to − from, heads, headDim]`.
 */
export function twin(
  qkv: Float32Array,
  { heads, headDim }: Heads,
  sees: Sees,
  from = 0,
  to = qkv.length / (3 * heads * headDim),
): Float32Array {
  const width = heads * headDim;
  const [before, after] = windowOf(sees);
  const rows = qkv.length / (3 * width);
  const y = new Float32Array((to - from) * width);
  const at = (row: number, part: number, head: number) => (row * 3 + part) * width + head * headDim;
  for (let head = 0; head < heads; head++) {
    for (let row = from; row < to; row++) {
      const first = Math.max(0, row - before);
      const last = Math.min(rows - 1, row + after);
      const scores: number[] = [];
      for (let key = first; key <= last; key++) {
        let dot = 0;
        for (let d = 0; d < headDim; d++) {
          dot += (qkv[at(row, 0, head) + d] as number) * (qkv[at(key, 1, head) + d] as number);
        }
        scores.push(dot / Math.sqrt(headDim));
      }
      const highest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - highest));
      const sum = weights.reduce((a, b) => a + b, 0);
      for (let d = 0; d < headDim; d++) {
        let mixed = 0;
        weights.forEach((weight, i) => {
          mixed += weight * (qkv[at(first + i, 2, head) + d] as number);
        });
        y[(row - from) * width + head * headDim + d] = mixed / sum;
      }
    }
  }
  return y;
}
