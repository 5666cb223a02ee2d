/** Weights that do not learn, on the processor's side: stored bits in a typed array, opened into f32 where they are used. */
import { type Tensor, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import {
  dequantise,
  type FewBits,
  INT4_GROUP,
  NF4_BLOCK,
  packNibbles,
  quantise,
  unpackNibbles,
} from '../checkpoint/few-bits.ts';
import { fromFloat32, toFloat32 } from '../checkpoint/half.ts';
import type { DType, Weights } from '../checkpoint/model.ts';
import type { Arch } from '../model/arch.ts';
import { type ParameterKind, parameters } from '../model/parameters.ts';
import { type Frozen, isFrozen } from './parameters.ts';

/** Rows of a matrix as they lie in memory. */
export interface HeldRows {
  readonly rows: number;
  readonly columns: number;
  readonly bytes: number;
  /** Rows `[from, to)` in f32. */
  read(from: number, to: number): Float32Array;
}

/** Stored bytes of 32 or 16 bits, as they are. */
export function storedRows(bytes: Uint8Array, dtype: DType, [rows, columns]: readonly [number, number]): HeldRows {
  const rowBytes = bytes.length / rows;
  return {
    rows,
    columns,
    bytes: bytes.length,
    read: (from, to) => toFloat32(bytes.subarray(from * rowBytes, to * rowBytes), dtype),
  };
}

/** Rows in few bits: codes of four bits two to a byte, and their scales. */
export function codedRows(values: Float32Array, [rows, columns]: readonly [number, number], kind: FewBits): HeldRows {
  const { codes, scales } = quantise(values, columns, kind);
  const packed = kind === 'int8' ? codes : packNibbles(codes, kind);
  return {
    rows,
    columns,
    bytes: packed.length + 4 * scales.length,
    read(from, to) {
      const [first, last] = [from * columns, to * columns];
      const some = kind === 'int8' ? packed.slice(first, last) : unpackNibbles(packed, kind, first, last);
      return dequantise({ kind, columns, codes: some, scales: scalesOf(scales, kind, columns, from, to) }, first);
    },
  };
}

function scalesOf(scales: Float32Array<ArrayBuffer>, kind: FewBits, columns: number, from: number, to: number) {
  if (kind === 'nf4')
    return scales.subarray(Math.floor((from * columns) / NF4_BLOCK), Math.ceil((to * columns) / NF4_BLOCK));
  const perRow = kind === 'int4' ? Math.ceil(columns / INT4_GROUP) : 1;
  return scales.subarray(from * perRow, to * perRow);
}

/** `turn`: a matrix `[out, in]`, which `Parameters` has as `[in, out]`. */
export function frozen(held: HeldRows, turn: boolean): Frozen {
  const { rows, columns } = held;
  const shape = turn ? ([columns, rows] as const) : ([rows, columns] as const);
  return {
    shape,
    bytes: held.bytes,
    open() {
      const values = held.read(0, rows);
      return tensor2d(turn ? turned(values, rows) : values, [...shape]);
    },
    rows(ids) {
      const values = new Float32Array(ids.length * columns);
      for (const [n, id] of ids.entries()) values.set(held.read(id, id + 1), n * columns);
      return tensor2d(values, [ids.length, columns]);
    },
    dispose() {},
  };
}

/** All that does not learn of a network: vectors as tensors, tables and matrices frozen. */
export interface FrozenWeights {
  get(name: string): Tensor | Frozen | undefined;
  /** That it takes. */
  readonly bytes: number;
  dispose(): void;
}

/** How what does not learn is held. */
export type FrozenBits = 'stored' | 'f16' | FewBits;

/** Four bits are for matrices; tables, on which all else depends, have eight then. */
function bitsOf(bits: FrozenBits, kind: ParameterKind): FrozenBits {
  return kind === 'table' && (bits === 'int4' || bits === 'nf4') ? 'int8' : bits;
}

function heldRows(bytes: Uint8Array, dtype: DType, shape: readonly [number, number], bits: FrozenBits): HeldRows {
  if (bits === 'stored') return storedRows(bytes, dtype, shape);
  const values = toFloat32(bytes, dtype);
  return bits === 'f16' ? storedRows(fromFloat32(values, 'F16'), 'F16', shape) : codedRows(values, shape, bits);
}

/** On the current tfjs backend. Throws what reading throws, or the signal's reason. */
export async function freezing(
  arch: Arch,
  weights: Weights,
  { bits = 'stored', signal }: { readonly bits?: FrozenBits; readonly signal?: AbortSignal | undefined } = {},
): Promise<FrozenWeights> {
  const kinds = new Map(parameters(arch).map(({ name, kind }) => [name, kind]));
  const held = new Map<string, Tensor | Frozen>();
  for (const [name, { dtype, shape }] of weights.tensors) {
    signal?.throwIfAborted();
    const bytes = await weights.read(name, signal);
    const kind = kinds.get(name);
    held.set(
      name,
      kind === 'table' || kind === 'matrix'
        ? frozen(heldRows(bytes, dtype, shape as [number, number], bitsOf(bits, kind)), kind === 'matrix')
        : tensor1d(toFloat32(bytes, dtype)),
    );
  }
  return frozenWeights(held);
}

export function frozenWeights(held: ReadonlyMap<string, Tensor | Frozen>): FrozenWeights {
  return {
    get: (name) => held.get(name),
    bytes: [...held.values()].reduce((sum, each) => sum + (isFrozen(each) ? each.bytes : 4 * each.size), 0),
    dispose() {
      for (const each of held.values()) each.dispose();
    },
  };
}

/** A matrix of `rows` rows, transposed. */
export function turned(values: Float32Array, rows: number): Float32Array {
  const columns = values.length / rows;
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c] as number;
  return result;
}
