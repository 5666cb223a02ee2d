/** How the buffer is laid out that an adapted product reads in the place of its bias (shaders/matmul.wgsl). */
import { alignUp, PANEL, strideOf } from './pack.ts';

/** Where the parts of a `low` buffer begin, in f32. */
export interface LowLayout {
  readonly weight: number;
  readonly b: number;
  readonly t: number;
  /** From one row of t to the next. */
  readonly tStride: number;
  readonly size: number;
}

/** A binding begins at such multiples. */
const BINDING = 256 / 4;

/** Of a product of `rows` packed rows, for passes of up to `capacity`. */
export function lowLayout(rows: number, rank: number, capacity: number): LowLayout {
  const columns = alignUp(rows, PANEL);
  const weight = columns;
  const b = weight + 4;
  const t = alignUp(b + rank * columns, BINDING);
  const tStride = strideOf(rank);
  return { weight, b, t, tStride, size: t + capacity * tStride };
}
