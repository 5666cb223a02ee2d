/**
 * Weights in few bits: plain arithmetic, for everybody who stores, uploads, computes with or trains beside them.
 *
 *   int8  a row is q · s, q from −127 to 127, with s = max |row| / 127 (Jacob et al., arXiv 1712.05877, zero point 0)
 *   int4  groups of 32 along a row are (c − 8) · s, c from 0 to 15, with s = (the value of largest magnitude) / −8, so that
 *         this value gets code 0. Codes are those of ONNX Runtime's reference for MatMulNBits (quantize_blockwise_4bits_ref)
 *         and of ggml's Q4_0; the scale is kept as bfloat16, within 0.4 % of theirs for any size of weights
 *   nf4   blocks of 64 values, counted through the whole matrix, are table[c] · absmax, the table being the quantiles of a
 *         normal distribution (QLoRA, arXiv 2305.14314). The absmax of the blocks are themselves kept in 8 bits, less their
 *         mean, by blocks of 256 (double quantisation), as bitsandbytes does it to the bit (functional.py, quantize_4bit)
 *
 * Everything is f32: `quantise` and `dequantise` round where the programs named do. What has been dequantised gives the
 * same codes when it is quantised again (of nf4: where no block was rounded to a negative absmax, which takes one that is
 * hundreds of times smaller than the largest).
 */

export const FEW_BITS = ['int8', 'int4', 'nf4'] as const;
export type FewBits = (typeof FEW_BITS)[number];

/** Values of a row that share a scale in int4; the last group of a row may be short. */
export const INT4_GROUP = 32;
/** Values that share an absmax in nf4; the last block of a matrix may be short. */
export const NF4_BLOCK = 64;
/** Absmax that share a scale of their own. */
export const NESTED_BLOCK = 256;

/** Rows of a matrix `[rows, columns]` in few bits. */
export interface Coded {
  readonly kind: FewBits;
  readonly columns: number;
  /** One byte a value, row by row: of int8 its two's complement, otherwise 0 to 15. */
  readonly codes: Uint8Array<ArrayBuffer>;
  /** int8: one a row. int4: `[rows, groups]`. nf4: one a block, as it is after double quantisation. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/** The sixteen levels of NormalFloat, from bitsandbytes (`get_4bit_type`). */
export const NF4_TABLE = Float32Array.of(
  ...[-1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334],
  ...[-0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224],
  ...[0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1],
);

/** Quantises rows of `columns` values; of nf4 they are the whole matrix, since its blocks and their mean run through it. */
export function quantise(values: Float32Array, columns: number, kind: FewBits): Coded {
  if (kind === 'int8') return quantiseInt8(values, columns);
  if (kind === 'int4') return quantiseInt4(values, columns);
  const { codes, absmax } = nf4Blocks(values);
  return { kind, columns, codes, scales: restoreAbsmax(nestAbsmax(absmax)) };
}

/**
 * The f32 values that the codes stand for. `offset`: of nf4, how many values lie between the beginning of the first block
 * and these rows; `table`: what its codes stand for.
 */
export function dequantise(
  { kind, columns, codes, scales }: Coded,
  offset = 0,
  table: Float32Array = NF4_TABLE,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(codes.length);
  if (kind === 'nf4') {
    const shift = offset % NF4_BLOCK;
    for (let i = 0; i < codes.length; i++) {
      values[i] = (table[codes[i] as number] as number) * (scales[(shift + i) >>> 6] as number);
    }
    return values;
  }
  const groups = kind === 'int4' ? Math.ceil(columns / INT4_GROUP) : 1;
  const group = kind === 'int4' ? INT4_GROUP : columns;
  for (let at = 0, row = 0; at < codes.length; at += columns, row++) {
    for (let k = 0; k < columns; k++) {
      const code = codes[at + k] as number;
      const level = kind === 'int4' ? code - 8 : (code << 24) >> 24;
      values[at + k] = level * (scales[row * groups + Math.floor(k / group)] as number);
    }
  }
  return values;
}

function quantiseInt8(values: Float32Array, columns: number): Coded {
  const codes = new Uint8Array(values.length);
  const scales = new Float32Array(values.length / columns);
  for (let row = 0; row < scales.length; row++) {
    const start = row * columns;
    let largest = 0;
    for (let i = start; i < start + columns; i++) largest = Math.max(largest, Math.abs(values[i] as number));
    scales[row] = largest / 127;
    const scale = scales[row] as number;
    if (scale === 0) continue;
    for (let i = start; i < start + columns; i++) {
      // The rounding of `scale` may push the largest value past 127.
      codes[i] = Math.max(-127, Math.min(127, Math.round((values[i] as number) / scale)));
    }
  }
  return { kind: 'int8', columns, codes, scales };
}

function quantiseInt4(values: Float32Array, columns: number): Coded {
  const groups = Math.ceil(columns / INT4_GROUP);
  const codes = new Uint8Array(values.length);
  const scales = new Float32Array((values.length / columns) * groups);
  for (let group = 0; group < scales.length; group++) {
    const row = Math.floor(group / groups);
    const start = row * columns + (group % groups) * INT4_GROUP;
    const end = Math.min(start + INT4_GROUP, (row + 1) * columns);
    let extreme = 0;
    for (let i = start; i < end; i++) {
      const value = values[i] as number;
      if (Math.abs(value) > Math.abs(extreme)) extreme = value;
    }
    const scale = Math.fround(extreme / -8);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    for (let i = start; i < end; i++) {
      const level = roundEven(Math.fround(Math.fround((values[i] as number) * inverse) + 8));
      codes[i] = level > 15 ? 15 : level < 0 ? 0 : level;
    }
    scales[group] = toBf16(scale);
  }
  return { kind: 'int4', columns, codes, scales };
}

/** To the nearest whole number, ties to the even one; |x| is below 2^22, where adding 1.5 · 2^52 leaves whole numbers. */
function roundEven(x: number): number {
  return x + 6755399441055744 - 6755399441055744;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** A finite value rounded to bfloat16, ties to even. */
function toBf16(value: number): number {
  float[0] = value;
  const word = bits[0] as number;
  bits[0] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  return float[0] as number;
}

/** Halfway between neighbouring entries of an ascending table, in f32. */
function midpoints(table: Float32Array): Float32Array {
  return Float32Array.from(table.subarray(1), (value, i) => Math.fround(Math.fround((table[i] as number) + value) / 2));
}

/** How many midpoints lie below: the nearest entry, of two equally near ones the lower. */
function nearest(below: Float32Array, value: number): number {
  let [low, high] = [0, below.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((below[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const NF4_MIDPOINTS = midpoints(NF4_TABLE);

/** Codes and absmax of the blocks of `values`, which begin at a block of the matrix. */
export function nf4Blocks(values: Float32Array) {
  const codes = new Uint8Array(values.length);
  const absmax = new Float32Array(Math.ceil(values.length / NF4_BLOCK));
  for (let block = 0; block < absmax.length; block++) {
    const start = block * NF4_BLOCK;
    const end = Math.min(start + NF4_BLOCK, values.length);
    let largest = 0;
    for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(values[i] as number));
    absmax[block] = largest;
    const inverse = largest === 0 ? 0 : Math.fround(1 / largest);
    for (let i = start; i < end; i++) {
      codes[i] = nearest(NF4_MIDPOINTS, Math.fround((values[i] as number) * inverse));
    }
  }
  return { codes, absmax };
}

/** The absmax of a matrix's blocks in 8 bits: offset + map[code] · the nested absmax of their block. */
export interface NestedAbsmax {
  readonly codes: Uint8Array<ArrayBuffer>;
  readonly absmax: Float32Array<ArrayBuffer>;
  /** Mean of all. */
  readonly offset: number;
  /** 256 ascending numbers. */
  readonly map: Float32Array<ArrayBuffer>;
}

export function nestAbsmax(absmax: Float32Array): NestedAbsmax {
  const offset = Math.fround(absmax.reduce((sum, value) => sum + value, 0) / Math.max(1, absmax.length));
  const codes = new Uint8Array(absmax.length);
  const nested = new Float32Array(Math.ceil(absmax.length / NESTED_BLOCK));
  for (let block = 0; block < nested.length; block++) {
    const part = absmax.subarray(block * NESTED_BLOCK, (block + 1) * NESTED_BLOCK).map((value) => value - offset);
    const largest = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    nested[block] = largest;
    const inverse = largest === 0 ? 0 : Math.fround(1 / largest);
    part.forEach((value, i) => {
      codes[block * NESTED_BLOCK + i] = nearest(DYNAMIC_MIDPOINTS, Math.fround(value * inverse));
    });
  }
  return { codes, absmax: nested, offset, map: DYNAMIC_MAP };
}

export function restoreAbsmax({ codes, absmax, offset, map }: NestedAbsmax): Float32Array<ArrayBuffer> {
  return Float32Array.from(codes, (code, i) =>
    Math.fround(Math.fround((map[code] as number) * (absmax[Math.floor(i / NESTED_BLOCK)] as number)) + offset),
  );
}

/**
 * The 8-bit numbers of Dettmers et al. (arXiv 2110.02861) with up to seven exponent bits: 2^i fractions of the i-th power
 * of ten, both signs, 0 and 1 (`create_dynamic_map` of bitsandbytes).
 */
function dynamicMap(): Float32Array<ArrayBuffer> {
  const numbers = [0, 1];
  for (let i = 0; i < 7; i++) {
    const count = 2 ** i;
    // PyTorch's linspace(0.1, 1) in f32 counts its second half from the end, and rounds once for each number.
    const start = Math.fround(0.1);
    const step = Math.fround(Math.fround(1 - start) / count);
    const boundary = (j: number) =>
      Math.fround(j < Math.floor((count + 1) / 2) ? start + step * j : 1 - step * (count - j));
    for (let j = 0; j < count; j++) {
      const mean = Math.fround(Math.fround(boundary(j) + boundary(j + 1)) / 2);
      const number = Math.fround(10 ** (i - 6)) * mean;
      numbers.push(number, -number);
    }
  }
  return Float32Array.from(numbers).sort();
}

export const DYNAMIC_MAP = dynamicMap();
const DYNAMIC_MIDPOINTS = midpoints(DYNAMIC_MAP);

/** Two codes to a byte, the first in the lower half (int4, as MatMulNBits has them) or in the upper (nf4, bitsandbytes). */
export function packNibbles(codes: Uint8Array, kind: 'int4' | 'nf4'): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(Math.ceil(codes.length / 2));
  const [even, odd] = kind === 'int4' ? [0, 4] : [4, 0];
  // The code that stands for 0 fills the last byte.
  const zero = kind === 'int4' ? 8 : 7;
  for (let i = 0; i < packed.length; i++) {
    packed[i] = ((codes[2 * i] as number) << even) | ((codes[2 * i + 1] ?? zero) << odd);
  }
  return packed;
}

/** Codes `from` to `to` of packed ones. */
export function unpackNibbles(
  packed: Uint8Array,
  kind: 'int4' | 'nf4',
  from = 0,
  to = 2 * packed.length,
): Uint8Array<ArrayBuffer> {
  const codes = new Uint8Array(to - from);
  const flip = kind === 'int4' ? 0 : 1;
  for (let i = from; i < to; i++) codes[i - from] = ((packed[i >> 1] as number) >> (4 * ((i & 1) ^ flip))) & 15;
  return codes;
}
