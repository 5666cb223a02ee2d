/** Matrix products of operands that lie anywhere, turned or as parts, summed in a fixed order. */
import type { Tensor } from '@tensorflow/tfjs-core';
import productSource from '../../../shaders/train_product.wgsl?raw';
import storeSource from '../../../shaders/train_product_store.wgsl?raw';
import { type Kernel, run } from './run.ts';

const store: Kernel = { name: 'train product', sources: [productSource, storeSource] };

export { productSource };

export const TILE = 64;

/** A matrix in a tensor: where it begins, and how many numbers lie from one row or column to the next. */
export interface Operand {
  readonly tensor: Tensor;
  readonly start?: number;
  readonly row: number;
  readonly column: number;
}

export interface Shape {
  readonly rows: number;
  readonly columns: number;
  /** Over which is summed. */
  readonly depth: number;
}

export function productParams({ rows, columns, depth }: Shape, a: Operand, b: Operand, start: number): number[] {
  return [rows, columns, depth, a.start ?? 0, a.row, a.column, b.start ?? 0, b.row, b.column, start];
}

export function tiles(rows: number, columns: number): [number, number] {
  return [Math.ceil(columns / TILE), Math.ceil(rows / TILE)];
}

/** y = a · b from element `start` of y on, or y += a · b. */
export function product(shape: Shape, a: Operand, b: Operand, y: Tensor, { add = false, start = 0 } = {}): void {
  run(store, {
    constants: { ADD: Number(add) },
    params: productParams(shape, a, b, start),
    bindings: [a.tensor, b.tensor, y],
    workgroups: tiles(shape.rows, shape.columns),
  });
}
