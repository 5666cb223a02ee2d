/**
 * Weights as the kernels read them (shaders/weights.wgsl): panels of 64 rows, the rows of a panel side by side, in the
 * precision they are stored in or a smaller one. A matrix may be permuted on the way, which makes rotary pairs and the two
 * halves of the gated unit neighbours; see `qkvOrder` and `gatedRows`.
 */
import { type Coded, INT4_GROUP, NF4_BLOCK } from '../checkpoint/few-bits.ts';
import type { DType } from '../checkpoint/model.ts';
import type { AttentionSpec } from '../model/arch.ts';
import { convert, type PackedType } from './precision.ts';

/** Rows in a panel. */
export const PANEL = 64;
/** K is padded to a multiple of this; also the row stride of every activation. */
export const K_ALIGN = 32;

/** Value of the kernels' DTYPE constant. */
export const DTYPE_CODE: Readonly<Record<PackedType, number>> = { F32: 0, F16: 1, BF16: 2, I8: 3, I4: 4, NF4: 5 };

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

/** 32-bit words in one panel; one of few bits ends with the scales of its rows. */
export function panelWords({ dtype, columns }: Omit<PackedShape, 'rows'>): number {
  const elements = PANEL * strideOf(columns);
  if (dtype === 'I8') return elements / 4 + PANEL;
  if (dtype === 'I4' || dtype === 'NF4') return elements / 8 + PANEL * Math.ceil(strideOf(columns) / 64);
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
  /** Stored type; that of the packed form unless told. */
  readonly stored?: DType;
  readonly rowOrder?: Order | undefined;
  readonly columnOrder?: Order | undefined;
}

/** Packs a row-major `[rows, columns]` matrix, given as the little-endian bytes of its stored type. */
export function packMatrix(bytes: Uint8Array, shape: PackedShape, options: PackOptions): Uint32Array<ArrayBuffer> {
  const { storedColumns, columnOrder } = options;
  const dtype = shape.dtype as DType;
  const stored = options.stored ?? dtype;
  const source = stored === dtype ? bytes : convert(bytes, stored, dtype);
  return packRows(shape, options, rowCopier(source, dtype, shape.columns, storedColumns, columnOrder));
}

/** The same from rows in few bits. Columns of four bits keep their order. */
export function packCoded(
  coded: Coded,
  shape: PackedShape,
  options: Pick<PackOptions, 'rowOrder' | 'columnOrder'>,
): Uint32Array<ArrayBuffer> {
  const copyRow = coded.kind === 'int8' ? eightBits(coded, shape, options.columnOrder) : fourBits(coded, shape);
  return packRows(shape, options, copyRow);
}

/** Writes stored row `source` to every 64th word of `packed`, from word `at`. */
type RowCopier = (source: number, packed: Uint32Array, at: number) => void;

function packRows(shape: PackedShape, { rowOrder }: Pick<PackOptions, 'rowOrder'>, copyRow: RowCopier) {
  const words = panelWords(shape);
  const packed = new Uint32Array(words * panelCount(shape));
  for (let row = 0; row < shape.rows; row++) {
    const source = rowOrder ? (rowOrder[row] as number) : row;
    if (source >= 0) copyRow(source, packed, Math.floor(row / PANEL) * words + (row % PANEL));
  }
  return packed;
}

/** Rows as four signed bytes to a word, and behind them in the panel their scales. */
function eightBits({ codes, scales, columns: stored }: Coded, { columns }: PackedShape, order?: Order): RowCopier {
  const scaleBits = new Uint32Array(scales.buffer, scales.byteOffset, scales.length);
  const scaleAt = (strideOf(columns) / 4) * PANEL;
  return (source, packed, at) => {
    for (let k = 0; k < columns; k++) {
      const column = order ? (order[k] as number) : k;
      if (column < 0) continue;
      const byte = codes[source * stored + column] as number;
      const word = at + (k >> 2) * PANEL;
      packed[word] = (packed[word] as number) | (byte << (8 * (k & 3)));
    }
    packed[at + scaleAt] = scaleBits[source] as number;
  };
}

/**
 * Rows as eight codes to a word, and behind them their scales: of int4 signed numbers and two bfloat16 to a word, of nf4
 * its codes and an f32 for 64 values.
 */
function fourBits({ kind, codes, scales, columns }: Coded, shape: PackedShape): RowCopier {
  const int4 = kind === 'int4';
  const scaleBits = new Uint32Array(scales.buffer, scales.byteOffset, scales.length);
  const groups = Math.ceil(columns / (int4 ? INT4_GROUP : NF4_BLOCK));
  const scaleAt = (strideOf(shape.columns) / 8) * PANEL;
  return (source, packed, at) => {
    const start = source * columns;
    for (let k = 0; k < columns; k += 8) {
      const end = Math.min(8, columns - k);
      let word = 0;
      for (let i = 0; i < end; i++) word |= (codes[start + k + i] as number) << (4 * i);
      // Four bits less eight are those with the highest turned over, as a signed number; padding stays 0 either way.
      if (int4) word ^= end === 8 ? 0x88888888 : 0x88888888 & (2 ** (4 * end) - 1);
      packed[at + (k >> 3) * PANEL] = word;
    }
    for (let group = 0; group < groups; group++) {
      const bits = scaleBits[source * groups + group] as number;
      const word = at + scaleAt + (int4 ? group >> 1 : group) * PANEL;
      packed[word] = int4 && group % 2 === 0 ? bits >>> 16 : (packed[word] as number) | bits;
    }
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
