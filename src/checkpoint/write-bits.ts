/**
 * A checkpoint in few bits, as `stored-bits.ts` reads it: which tensors the file has, and how each is made, one matrix at a
 * time. What is not a matrix stays as it is stored. A checkpoint whose matrices are nf4 and whose tables are not in few bits
 * is one that transformers opens with bitsandbytes.
 */
import { type Described, tensorsOf } from '../model/families/index.ts';
import type { TensorPart, TensorSource } from '../model/family.ts';
import type { Json } from '../model/json.ts';
import { parameters, sizeOf } from '../model/parameters.ts';
import {
  DYNAMIC_MAP,
  type FewBits,
  INT4_GROUP,
  NESTED_BLOCK,
  NF4_BLOCK,
  NF4_TABLE,
  nestAbsmax,
  nf4Blocks,
  packNibbles,
  quantise,
} from './few-bits.ts';
import { readRows } from './few-bits-weights.ts';
import { fromFloat32, toFloat32 } from './half.ts';
import type { TensorInfo, Weights } from './model.ts';
import { fewBitsOf, type PrecisionOptions, precisionOf, TABLES } from './precision.ts';

interface Planned {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** Tensors of the file that are made together. */
export interface Batch {
  readonly tensors: readonly Planned[];
  /** Their bytes, in this order. Throws what reading throws. */
  make(signal?: AbortSignal): Promise<readonly Uint8Array[]>;
}

/** Every tensor of the file, under the names of the family. */
export function inBits(described: Described, weights: Weights, options: PrecisionOptions): readonly Batch[] {
  const kinds = new Map(parameters(described.arch).map(({ name, kind }) => [name, kind]));
  return tensorsOf(described).flatMap((source) => {
    const matrix = kinds.get(source.name) === 'matrix' || TABLES.includes(source.name);
    const precision = matrix ? precisionOf(source.name, options) : 'stored';
    let first = 0;
    return source.parts.map((part) => {
      const from = first;
      first += part.shape[0] as number;
      const bits = fewBitsOf(precision);
      return bits === undefined
        ? plain(source, part, from, weights, precision === 'f16')
        : coded(source, part, from, weights, bits);
    });
  });
}

function plain({ name }: TensorSource, part: TensorPart, from: number, weights: Weights, half: boolean): Batch {
  const { dtype } = weights.tensors.get(name) as TensorInfo;
  const to = from + (part.shape[0] as number);
  return {
    tensors: [{ name: part.name, dtype: half ? 'F16' : dtype, shape: part.shape }],
    async make(signal) {
      const bytes = await readRows(weights, name, from, to, signal);
      return [half ? fromFloat32(toFloat32(bytes, dtype), 'F16') : bytes];
    },
  };
}

function coded({ name }: TensorSource, part: TensorPart, from: number, weights: Weights, bits: FewBits): Batch {
  const { dtype } = weights.tensors.get(name) as TensorInfo;
  const [rows, columns] = part.shape as [number, number];
  const read = async (signal?: AbortSignal) =>
    toFloat32(await readRows(weights, name, from, from + rows, signal), dtype);
  if (bits === 'nf4') return nf4(part, dtype, read);
  const groups = Math.ceil(columns / INT4_GROUP);
  const scales = `${part.name}.scales`;
  if (bits === 'int8') {
    return {
      tensors: [
        { name: part.name, dtype: 'I8', shape: [rows, columns] },
        { name: scales, dtype: 'F32', shape: [rows] },
      ],
      async make(signal) {
        const made = quantise(await read(signal), columns, 'int8');
        return [made.codes, fromFloat32(made.scales, 'F32')];
      },
    };
  }
  const width = groups * INT4_GROUP;
  return {
    tensors: [
      { name: part.name, dtype: 'U8', shape: [rows, width / 2] },
      { name: scales, dtype: 'BF16', shape: [rows, groups] },
    ],
    async make(signal) {
      const made = quantise(await read(signal), columns, 'int4');
      const padded = new Uint8Array(rows * width).fill(8);
      for (let row = 0; row < rows; row++) {
        padded.set(made.codes.subarray(row * columns, (row + 1) * columns), row * width);
      }
      return [packNibbles(padded, 'int4'), fromFloat32(made.scales, 'BF16')];
    },
  };
}

/** As QuantState.as_dict of bitsandbytes writes it. */
function nf4(
  part: TensorPart,
  dtype: TensorInfo['dtype'],
  read: (signal?: AbortSignal) => Promise<Float32Array>,
): Batch {
  const { name, shape } = part;
  const count = Math.ceil(sizeOf(part) / NF4_BLOCK);
  const stored = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }[dtype];
  // The mean is known when the matrix has been read: room for any number, filled with spaces, which JSON allows.
  const state = (offset: number) =>
    new TextEncoder().encode(
      JSON.stringify({
        quant_type: 'nf4',
        blocksize: NF4_BLOCK,
        dtype: stored,
        shape,
        nested_blocksize: NESTED_BLOCK,
        nested_dtype: 'float32',
        nested_offset: offset,
      }).padEnd(256),
    );
  return {
    tensors: [
      { name, dtype: 'U8', shape: [Math.ceil(sizeOf(part) / 2), 1] },
      { name: `${name}.absmax`, dtype: 'U8', shape: [count] },
      { name: `${name}.nested_absmax`, dtype: 'F32', shape: [Math.ceil(count / NESTED_BLOCK)] },
      { name: `${name}.nested_quant_map`, dtype: 'F32', shape: [DYNAMIC_MAP.length] },
      { name: `${name}.quant_map`, dtype: 'F32', shape: [NF4_TABLE.length] },
      { name: `${name}.quant_state.bitsandbytes__nf4`, dtype: 'U8', shape: [256] },
    ],
    async make(signal) {
      const { codes, absmax } = nf4Blocks(await read(signal));
      const nested = nestAbsmax(absmax);
      return [
        packNibbles(codes, 'nf4'),
        nested.codes,
        fromFloat32(nested.absmax, 'F32'),
        fromFloat32(nested.map, 'F32'),
        fromFloat32(NF4_TABLE, 'F32'),
        state(nested.offset),
      ];
    },
  };
}

/** config.json with a note of how the weights are kept, which transformers understands where bitsandbytes can read them. */
export function configInBits(config: Json, options: PrecisionOptions): Json {
  const { precision = 'stored' } = options;
  const tables = precisionOf('embeddings', options);
  const theirs = precision === 'nf4' && fewBitsOf(tables) === undefined;
  return {
    ...config,
    quantization_config: theirs
      ? {
          quant_method: 'bitsandbytes',
          load_in_4bit: true,
          load_in_8bit: false,
          bnb_4bit_quant_type: 'nf4',
          bnb_4bit_use_double_quant: true,
          bnb_4bit_quant_storage: 'uint8',
          bnb_4bit_compute_dtype: 'bfloat16',
        }
      : { quant_method: 'unmask', precision, tables, ...(precision === 'int4' && { group_size: INT4_GROUP }) },
  };
}
