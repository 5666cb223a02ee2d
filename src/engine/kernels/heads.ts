/** Norm of each head's query and key, and their rotary turn, in one dispatch behind the product that makes them. */
import headsSource from '../../../shaders/heads.wgsl?raw';
import rowSource from '../../../shaders/rows.wgsl?raw';
import { type AttentionSpec, qkvRows } from '../../model/arch.ts';
import { frequencies } from '../../model/rotary.ts';
import type { Constants, Kernel, Workgroups } from '../kernel.ts';
import { paddedHead, strideOf } from '../pack.ts';

export const headNorm: Kernel = {
  name: 'head norm',
  sources: [rowSource, headsSource],
  bindings: { 0: 'uniform', 1: 'read', 2: 'read', 3: 'read', 4: 'write' },
};

/** Eight heads to a workgroup. */
const HEADS_OF_A_GROUP = 8;

export type Heads = Pick<AttentionSpec, 'heads' | 'kvHeads' | 'headDim'>;

/** Elements from one row of queries, keys and values to the next. */
export function qkvStride(heads: Heads): number {
  return strideOf(qkvRows({ ...heads, headDim: paddedHead(heads.headDim) }));
}

export function headNormConstants(spec: Heads & Pick<AttentionSpec, 'rotary'>, eps: number): Constants {
  return {
    HEADS: spec.heads + spec.kvHeads,
    QUERY_HEADS: spec.heads,
    HEAD: paddedHead(spec.headDim),
    HEAD_DIM: spec.headDim,
    X_STRIDE: qkvStride(spec),
    EPS: eps,
    TURN: spec.rotary !== undefined,
  };
}

export function headNormWorkgroups({ heads, kvHeads }: Heads, rows: number): Workgroups {
  return [Math.ceil((rows * (heads + kvHeads)) / HEADS_OF_A_GROUP)];
}

type Turning = Pick<AttentionSpec, 'rotary' | 'headDim'>;

/** cos and sin of position · frequency of each pair, as `[positions, paddedHead / 2, 2]`. */
export function rotaryTable(positions: number, { rotary, headDim }: Required<Turning>): Float32Array<ArrayBuffer> {
  const pairs = paddedHead(headDim) / 2;
  const table = new Float32Array(positions * pairs * 2);
  frequencies(rotary as NonNullable<typeof rotary>, headDim).forEach((frequency, j) => {
    for (let position = 0; position < positions; position++) {
      table[2 * (position * pairs + j)] = Math.cos(position * frequency);
      table[2 * (position * pairs + j) + 1] = Math.sin(position * frequency);
    }
  });
  return table;
}

/**
 * Rotary position the textbook way (arXiv 2104.09864), on rows `[heads + 2 kvHeads, headDim]`: pairs (d, d + headDim / 2)
 * of queries and keys, turned by the row's position.
 */
export function rotaryReference(
  qkv: Float32Array,
  spec: Heads & Pick<AttentionSpec, 'rotary'>,
  positions: ArrayLike<number>,
): Float32Array {
  const { heads, kvHeads, headDim, rotary } = spec;
  if (rotary === undefined) return qkv;
  const y = qkv.slice();
  const half = headDim / 2;
  const turns = frequencies(rotary, headDim);
  for (let row = 0; row < positions.length; row++) {
    for (let head = 0; head < heads + kvHeads; head++) {
      for (let d = 0; d < half; d++) {
        const at = row * qkvRows(spec) + head * headDim + d;
        const angle = (positions[row] as number) * (turns[d] as number);
        const a = qkv[at] as number;
        const b = qkv[at + half] as number;
        y[at] = a * Math.cos(angle) - b * Math.sin(angle);
        y[at + half] = b * Math.cos(angle) + a * Math.sin(angle);
      }
    }
  }
  return y;
}

/** RMS norm of every query and key of rows `[heads + 2 kvHeads, headDim]`; weights `[headDim]`. */
export function headNormReference(
  qkv: Float32Array,
  spec: Heads,
  eps: number,
  query: Float32Array,
  key: Float32Array,
): Float32Array {
  const { heads, kvHeads, headDim } = spec;
  const y = qkv.slice();
  for (let row = 0; row < qkv.length / qkvRows(spec); row++) {
    for (let head = 0; head < heads + kvHeads; head++) {
      const at = row * qkvRows(spec) + head * headDim;
      const values = qkv.subarray(at, at + headDim);
      const scale = 1 / Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / headDim + eps);
      const weight = head < heads ? query : key;
      values.forEach((value, d) => {
        y[at + d] = value * scale * (weight[d] as number);
      });
    }
  }
  return y;
}
