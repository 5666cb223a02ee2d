/**
 * Weights as the kernels read them (shaders/weights.wgsl): panels of 64 rows, the rows of a panel side by side, in the
 * precision they are stored in or a smaller one. A matrix may be permuted on the way, which makes rotary pairs and the two
 * halves of the gated unit neighbours; see `qkvOrder` and `gatedRows`.
 */
import type { DType } from '../checkpoint/model.ts';
import type { AttentionSpec } from '../model/arch.ts';
import { convert, type PackedType, quantise } from './precision.ts';

/** Rows in a panel. */
export const PANEL = 64;
/** K is padded to a multiple of this; also the row stride of every activation. */
export const K_ALIGN = 32;

/** Value of the kernels' DTYPE constant. */
export const DTYPE_CODE: Readonly<Record<PackedType, number>> = { F32: 0, F16: 1, BF16: 2, I8: 3 };

export function alignUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Elements from one row of an activation of this width to the next. */
export function strideOf(width: number): number {
  return alignUp(width, K_ALIGN);
}

/** Sizes of a packed matrix. `rows` and `columns` are those of the packed form, without padding. */
export interface PackedShape {
  readonly dtype: PackedType;
  readonly rows: number;
  readonly columns: number;
}

/** 32-bit words in one panel; a panel of I8 ends with the scales of its rows. */
export function panelWords({ dtype, columns }: Omit<PackedShape, 'rows'>): number {
  const elements = PANEL * strideOf(columns);
  if (dtype === 'I8') return elements / 4 + PANEL;
  return dtype === 'F32' ? elements : elements / 2;
}

export function panelCount({ rows }: Pick<PackedShape, 'rows'>): number {
  return Math.ceil(rows / PANEL);
}

/** For each packed row or column, which stored one stands there; −1 for zeros. */
export type Order = Int32Array;

export interface PackOptions {
  /** Stored columns. */
  readonly storedColumns: number;
  /** Stored type; that of the packed form unless told. I8 must be told. */
  readonly stored?: DType;
  readonly rowOrder?: Order | undefined;
  readonly columnOrder?: Order | undefined;
}

/** Packs a row-major `[rows, columns]` matrix, given as the little-endian bytes of its stored type. */
export function packMatrix(bytes: Uint8Array, shape: PackedShape, options: PackOptions): Uint32Array<ArrayBuffer> {
  const { dtype, rows, columns } = shape;
  const { storedColumns, rowOrder, columnOrder } = options;
  const stored = options.stored ?? (dtype as DType);
  const words = panelWords(shape);
  const packed = new Uint32Array(words * panelCount(shape));
  const copyRow =
    dtype === 'I8'
      ? quantisedRows(bytes, stored, columns, storedColumns, columnOrder)
      : rowCopier(stored === dtype ? bytes : convert(bytes, stored, dtype), dtype, columns, storedColumns, columnOrder);
  for (let row = 0; row < rows; row++) {
    const source = rowOrder ? (rowOrder[row] as number) : row;
    if (source >= 0) copyRow(source, packed, Math.floor(row / PANEL) * words + (row % PANEL));
  }
  return packed;
}

/** Writes stored row `source` to every 64th word of `packed`, from word `at`. */
type RowCopier = (source: number, packed: Uint32Array, at: number) => void;

/** Rows as four signed bytes to a word, and behind them in the panel their scales. */
function quantisedRows(
  bytes: Uint8Array,
  stored: DType,
  columns: number,
  storedColumns: number,
  columnOrder: Order | undefined,
): RowCopier {
  const { values, scales } = quantise(bytes, stored, storedColumns);
  const scaleBits = new Uint32Array(scales.buffer);
  const scaleAt = (strideOf(columns) / 4) * PANEL;
  return (source, packed, at) => {
    for (let k = 0; k < columns; k++) {
      const column = columnOrder ? (columnOrder[k] as number) : k;
      if (column < 0) continue;
      const byte = (values[source * storedColumns + column] as number) & 0xff;
      const word = at + (k >> 2) * PANEL;
      packed[word] = (packed[word] as number) | (byte << (8 * (k & 3)));
    }
    packed[at + scaleAt] = scaleBits[source] as number;
  };
}

function rowCopier(
  bytes: Uint8Array,
  dtype: DType,
  columns: number,
  storedColumns: number,
  columnOrder: Order | undefined,
): RowCopier {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const view = <T>(Type: new (buffer: ArrayBufferLike, offset: number, length: number) => T, size: number): T =>
    new Type(aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / size));
  const isHalf = dtype !== 'F32';

  // Nearly always a row is a run of whole words: single precision, or pairs of halves that stay together.
  if (!columnOrder && (!isHalf || (columns % 2 === 0 && storedColumns % 2 === 0))) {
    const stored = view(Uint32Array, 4);
    const perRow = isHalf ? storedColumns / 2 : storedColumns;
    const count = isHalf ? columns / 2 : columns;
    return (source, packed, at) => {
      const start = source * perRow;
      for (let p = 0; p < count; p++) packed[at + p * PANEL] = stored[start + p] as number;
    };
  }
  const stored = isHalf ? view(Uint16Array, 2) : view(Uint32Array, 4);
  return (source, packed, at) => {
    for (let k = 0; k < columns; k++) {
      const column = columnOrder ? (columnOrder[k] as number) : k;
      if (column < 0) continue;
      const bits = stored[source * storedColumns + column] as number;
      const word = at + (isHalf ? k >> 1 : k) * PANEL;
      packed[word] = isHalf && k % 2 === 1 ? (packed[word] as number) | (bits << 16) : bits;
    }
  };
}

/** Head size in packed form: a multiple of four, so that a head starts at a vec4. */
export function paddedHead(headDim: number): number {
  return alignUp(headDim, 4);
}

type Heads = Pick<AttentionSpec, 'heads' | 'kvHeads' | 'headDim' | 'rotary'>;

/**
 * Order within a head of queries and keys. Rotary position turns the pairs (d, d + headDim / 2); here they become
 * neighbours (2d, 2d + 1). Scores do not change, since q and k are reordered alike.
 */
export function headOrder({ headDim, rotary }: { headDim: number; rotary?: unknown }): Order {
  const order = new Int32Array(paddedHead(headDim)).fill(-1);
  for (let d = 0; d < headDim; d++) order[d] = rotary ? (d >> 1) + (d & 1) * (headDim / 2) : d;
  return order;
}

/** Row order of the product that makes queries, keys and values: heads padded, pairs of queries and keys side by side. */
export function qkvOrder({ heads, kvHeads, headDim, rotary }: Heads): Order {
  const padded = paddedHead(headDim);
  const all = heads + 2 * kvHeads;
  const order = new Int32Array(all * padded).fill(-1);
  for (let head = 0; head < all; head++) {
    const within = headOrder({ headDim, rotary: head < heads + kvHeads ? rotary : undefined });
    within.forEach((source, d) => {
      if (source >= 0) order[head * padded + d] = head * headDim + source;
    });
  }
  return order;
}

/** Column order of the attention output matrix: skips the padding of each head. */
export function headColumns(heads: number, headDim: number): Order {
  const padded = paddedHead(headDim);
  const order = new Int32Array(heads * padded).fill(-1);
  for (let head = 0; head < heads; head++) {
    for (let d = 0; d < headDim; d++) order[head * padded + d] = head * headDim + d;
  }
  return order;
}

/** Row order of the gated layer: u₀ u₁ g₀ g₁, u₂ u₃ g₂ g₃, … where u is the activated half. */
export function gatedRows(width: number): Order {
  const order = new Int32Array(2 * alignUp(width, 2)).fill(-1);
  for (let j = 0; j < width; j++) {
    const at = 4 * (j >> 1) + (j & 1);
    order[at] = j;
    order[at + 2] = width + j;
  }
  return order;
}

/** A vector in packed order, padded with zeros to `length`. */
export function packVector(values: Float32Array, length: number, order?: Order): Float32Array<ArrayBuffer> {
  const packed = new Float32Array(length);
  if (!order) {
    packed.set(values);
    return packed;
  }
  order.forEach((source, i) => {
    if (source >= 0) packed[i] = values[source] as number;
  });
  return packed;
}
