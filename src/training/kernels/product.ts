/**
 * Matrix products summed in a fixed order, of operands that may be turned or parts of larger ones. The fast form reads
 * four numbers at a time; where starts or rows are no multiples of four, another takes its place.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import productSource from '../../../shaders/train_product.wgsl?raw';
import anySource from '../../../shaders/train_product_any.wgsl?raw';
import paramsSource from '../../../shaders/train_product_params.wgsl?raw';
import storeSource from '../../../shaders/train_product_store.wgsl?raw';
import { type Kernel, type Run, run } from './run.ts';

const TILE = 64;

/** A matrix in a tensor: where it begins, and how many numbers lie from one row or column to the next. */
export interface Operand {
  readonly tensor: Tensor;
  readonly start?: number;
  readonly row: number;
  readonly column: number;
}

/** Lies row by row, `pitch` numbers each; zeros fill the rows where they are longer than what is multiplied. */
export function straight(tensor: Tensor, pitch: number, start = 0): Operand {
  return { tensor, start, row: pitch, column: 1 };
}

/** The same matrix, transposed. */
export function turned(tensor: Tensor, pitch: number, start = 0): Operand {
  return { tensor, start, row: 1, column: pitch };
}

export interface Shape {
  readonly rows: number;
  readonly columns: number;
  /** Over which is summed. */
  readonly depth: number;
}

/** Where an answer begins, and how many numbers lie from one of its rows to the next. */
export interface Place {
  readonly start?: number;
  readonly row?: number;
}

/** A kernel that ends in a product, in both forms; `sources` follow the product's. */
export interface ProductKernel {
  readonly fast: Kernel;
  readonly any: Kernel;
}

export function productKernel(name: string, ...sources: readonly string[]): ProductKernel {
  return {
    fast: { name, sources: [paramsSource, productSource, ...sources] },
    any: { name: `${name} any`, sources: [paramsSource, anySource, ...sources] },
  };
}

/** Runs it over all tiles of the answer; `bindings` follow the operands. */
export function runProduct(
  kernel: ProductKernel,
  shape: Shape,
  [a, b]: readonly [Operand, Operand],
  { start = 0, row = shape.columns }: Place,
  bindings: Run['bindings'],
  constants: Readonly<Record<string, number>> = {},
): void {
  const { rows, columns, depth } = shape;
  const fast = inFours(a) && inFours(b) && (depth % 4 === 0 || !isTurned(b));
  run(fast ? kernel.fast : kernel.any, {
    constants: fast ? { ...constants, A_TURNED: Number(isTurned(a)), B_TURNED: Number(isTurned(b)) } : constants,
    params: [rows, columns, depth, a.start ?? 0, a.row, a.column, b.start ?? 0, b.row, b.column, start, row],
    bindings: [a.tensor, b.tensor, ...bindings],
    workgroups: tiles(rows, columns),
  });
}

export function tiles(rows: number, columns: number): [number, number] {
  return [Math.ceil(columns / TILE), Math.ceil(rows / TILE)];
}

/** So many columns of a matrix of `rows` rows hold about `numbers`, in whole tiles. */
export function tilesWithin(numbers: number, rows: number): number {
  return Math.max(TILE, Math.floor(numbers / rows / TILE) * TILE);
}

const store = productKernel('train product', storeSource);

/** y = a · b, or y += a · b. */
export function product(
  shape: Shape,
  a: Operand,
  b: Operand,
  y: Tensor,
  { add = false, ...place }: Place & { readonly add?: boolean } = {},
): void {
  runProduct(store, shape, [a, b], place, [y], { ADD: Number(add) });
}

function isTurned({ column }: Operand): boolean {
  return column !== 1;
}

function inFours({ start = 0, row, column }: Operand): boolean {
  return start % 4 === 0 && Math.max(row, column) % 4 === 0;
}
