/** Weights that do not learn, on the processor's side: stored bits in a typed array, opened into f32 where they are used. */
import { gather, slice, type Tensor, type Tensor2D, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import {
  type Coded,
  dequantise,
  type FewBits,
  INT4_GROUP,
  NF4_BLOCK,
  packNibbles,
  unpackNibbles,
} from '../checkpoint/few-bits.ts';
import { fromFloat32, toFloat32 } from '../checkpoint/half.ts';
import type { DType, TensorInfo, Weights } from '../checkpoint/model.ts';
import { inPrecision, type Precision } from '../checkpoint/precision.ts';
import type { Arch } from '../model/arch.ts';
import { parameters } from '../model/parameters.ts';
import { type Frozen, isFrozen, type Parameters } from './parameters.ts';

/** Rows of a matrix as they lie in memory. */
interface HeldRows {
  readonly rows: number;
  readonly columns: number;
  readonly bytes: number;
  /** Rows `[from, to)` in f32. */
  read(from: number, to: number): Float32Array;
}

/** Stored bytes of 32 or 16 bits, as they are. */
function storedRows(bytes: Uint8Array, dtype: DType, [rows, columns]: readonly [number, number]): HeldRows {
  const rowBytes = bytes.length / rows;
  return {
    rows,
    columns,
    bytes: bytes.length,
    read: (from, to) => toFloat32(bytes.subarray(from * rowBytes, to * rowBytes), dtype),
  };
}

/** Rows in few bits: codes of four bits two to a byte, and their scales. */
function codedRows({ kind, columns, codes, scales }: Coded): HeldRows {
  const rows = codes.length / columns;
  const packed = kind === 'int8' ? codes : packNibbles(codes, kind);
  return {
    rows,
    columns,
    bytes: packed.length + 4 * scales.length,
    read(from, to) {
      const [first, last] = [from * columns, to * columns];
      const some = kind === 'int8' ? packed.slice(first, last) : unpackNibbles(packed, kind, first, last);
      const own = scalesOf(scales, kind, columns, from, to);
      return dequantise({ kind, columns, codes: some, scales: own }, first);
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
function frozen(held: HeldRows, turn: boolean): Frozen {
  const { rows, columns } = held;
  const shape = turn ? ([columns, rows] as const) : ([rows, columns] as const);
  return {
    shape,
    bytes: held.bytes,
    open(first = 0, count = rows - first) {
      const values = held.read(first, first + count);
      return turn ? tensor2d(turned(values, rows), [...shape]) : tensor2d(values, [count, columns]);
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
  /** That it takes beside what tfjs counts. */
  readonly bytes: number;
  dispose(): void;
}

/** On the current tfjs backend. Throws what reading throws, or the signal's reason. */
export async function freezing(
  arch: Arch,
  weights: Weights,
  { precision = 'stored', signal }: { readonly precision?: Precision; readonly signal?: AbortSignal | undefined } = {},
): Promise<FrozenWeights> {
  const kinds = new Map(parameters(arch).map(({ name, kind }) => [name, kind]));
  const held = new Map<string, Tensor | Frozen>();
  const own = inPrecision(arch, weights, { precision });
  for (const [name, info] of own.tensors) {
    signal?.throwIfAborted();
    const kind = kinds.get(name);
    const isMatrix = kind === 'table' || kind === 'matrix';
    held.set(
      name,
      isMatrix
        ? frozen(await heldRows(own, name, precision, signal), kind === 'matrix')
        : tensor1d(toFloat32(await own.read(name, signal), info.dtype)),
    );
  }
  return frozenWeights(held);
}

/** The weights of a network that runs on the same backend: not held once more, whichever of the two goes first. */
export function freezingShared(arch: Arch, shared: Parameters): FrozenWeights {
  const kinds = new Map(parameters(arch).map(({ name, kind }) => [name, kind]));
  const held = new Map<string, Tensor | Frozen>();
  for (const [name, each] of shared) {
    const kind = kinds.get(name);
    const isMatrix = kind === 'table' || kind === 'matrix';
    held.set(name, isMatrix ? frozenTensor(each.clone() as Tensor2D) : each.clone());
  }
  // tfjs counts a clone as if it held its numbers once more.
  const counted = [...shared.values()].reduce((sum, { size }) => sum + 4 * size, 0);
  const { get, dispose } = frozenWeights(held);
  return { get, dispose, bytes: -counted };
}

function frozenTensor(tensor: Tensor2D): Frozen {
  return {
    shape: tensor.shape,
    bytes: 0,
    open: (first = 0, count = tensor.shape[0] - first) =>
      count === tensor.shape[0] ? tensor.clone() : slice(tensor, [first, 0], [count, -1]),
    rows: (ids) => gather(tensor, tensor1d(ids, 'int32')),
    dispose: () => tensor.dispose(),
  };
}

async function heldRows(weights: Weights, name: string, precision: Precision, signal?: AbortSignal): Promise<HeldRows> {
  const { dtype, shape, coded } = weights.tensors.get(name) as TensorInfo;
  const [rows, columns] = shape as [number, number];
  if (coded && weights.readCoded) return codedRows(await weights.readCoded(name, 0, rows, signal));
  const bytes = await weights.read(name, signal);
  if (precision !== 'f16') return storedRows(bytes, dtype, [rows, columns]);
  return storedRows(fromFloat32(toFloat32(bytes, dtype), 'F16'), 'F16', [rows, columns]);
}

export function frozenWeights(held: ReadonlyMap<string, Tensor | Frozen>): FrozenWeights {
  return {
    get: (name) => held.get(name),
    bytes: [...held.values()].reduce((sum, each) => sum + (isFrozen(each) ? each.bytes : 0), 0),
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
