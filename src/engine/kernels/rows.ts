/** Where the rows of a pass stand (shaders/rows.wgsl), and which of them belong together (`Span` in shaders/attention.wgsl). */
import type { BlockPattern } from '../../diffusion/network.ts';

/** One row of a pass. */
export interface Row {
  readonly id: number;
  readonly position: number;
  /** Row of the layers' queries, keys and values. */
  readonly place: number;
  /** Row of what the decoder reads. */
  readonly hidden: number;
}

export const ROW_BYTES = 16;

export function writeRows(rows: readonly Row[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(4 * rows.length);
  rows.forEach(({ id, position, place, hidden }, i) => {
    words.set([id, position, place, hidden], 4 * i);
  });
  return words;
}

/** Rows of a pass that belong to one sequence. */
export interface Span {
  /** The first of them in the pass, and how many. */
  readonly row0: number;
  readonly rows: number;
  /** Position of the first on the sequence, and positions of the whole sequence. */
  readonly first: number;
  readonly positions: number;
  /** Row of the layers' queries, keys and values that holds position 0. */
  readonly place: number;
  /** Where the sequence is read by blocks, whatever the layers see otherwise. */
  readonly sees?: BlockPattern | undefined;
}

export const SPAN_BYTES = 28;

export function writeSpans(spans: readonly Span[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(7 * spans.length);
  spans.forEach(({ row0, rows, first, positions, place, sees }, i) => {
    words.set([row0, rows, first, positions, place, sees?.blocks ?? 0, sees?.offset ?? 0], 7 * i);
  });
  return words;
}
