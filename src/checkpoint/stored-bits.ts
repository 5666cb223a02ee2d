/**
 * Matrices that a file holds in few bits, under the name N of the weight that they are:
 *
 *   ours           int8: N is I8 `[rows, columns]`, N.scales F32 `[rows]`. int4: N is U8 `[rows, 16 · groups]`, groups of 32
 *                  codes in pairs, the first in the lower half of a byte; N.scales BF16 `[rows, groups]`. nf4: as bitsandbytes
 *   bitsandbytes   as transformers writes it (QuantState.as_dict). 4 bits: N holds the pairs, the first in the upper half;
 *                  N.absmax; N.quant_map of 16 levels; with double quantisation N.nested_absmax and N.nested_quant_map;
 *                  N.quant_state.bitsandbytes__nf4 (or fp4), a JSON. 8 bits: N is I8, and MODULE.SCB the largest value of
 *                  each row
 *
 * What there is, is told by names, types and shapes alone; the small parts are read with the first rows.
 */
import { said, type Text } from '../text/said.ts';
import { damaged, isObject, quote } from './damage.ts';
import {
  type Coded,
  dequantise,
  type FewBits,
  INT4_GROUP,
  NESTED_BLOCK,
  NF4_BLOCK,
  NF4_TABLE,
  unpackNibbles,
} from './few-bits.ts';
import { rowsAreBlocks } from './few-bits-weights.ts';
import { toFloat32 } from './half.ts';
import type { FileSource, ReadOptions } from './model.ts';
import type { TensorEntry, TensorIndex } from './safetensors.ts';

/** One stored matrix. */
export interface StoredBits {
  readonly rows: number;
  /** Where its rows can be had as codes. */
  readonly coded: FewBits | undefined;
  readonly entry: TensorEntry;
  readCoded(from: number, to: number, options: ReadOptions): Promise<Coded>;
  readValues(from: number, to: number, options: ReadOptions): Promise<Float32Array<ArrayBuffer>>;
}

const STATE = '.quant_state.bitsandbytes__';

/** Names of the file that belong to a matrix in few bits, besides its own. */
export function besides(name: string, index: TensorIndex): readonly string[] {
  const module = name.replace(/[.]weight$/, '');
  const own = [`${module}.SCB`, `${module}.weight_format`].filter((each) => index.has(each));
  return [...own, ...[...index.keys()].filter((each) => each.startsWith(`${name}.`))];
}

/** The matrix `name` of `shape`, where it is kept in few bits. Throws `UnmaskError` code `checkpoint`. */
export function storedBits(
  source: FileSource,
  index: TensorIndex,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): StoredBits | undefined {
  const entry = index.get(name);
  if (entry === undefined || shape.length !== 2) return undefined;
  const [rows, columns] = shape as [number, number];
  const file = new Reader(source, index, name, entry.file);
  for (const kind of ['nf4', 'fp4'] as const) {
    if (index.has(`${name}${STATE}${kind}`)) return fourBits(file, kind, entry, rows, columns);
  }
  const scales = `${name}.scales`;
  if (index.has(scales) && entry.dtype === 'U8') return int4(file, entry, rows, columns);
  const largest = `${name.replace(/[.]weight$/, '')}.SCB`;
  if (entry.dtype !== 'I8') return undefined;
  if (index.has(scales)) return int8(file, entry, rows, columns, scales, 1);
  return index.has(largest) ? int8(file, entry, rows, columns, largest, 127) : undefined;
}

/** Reads the tensors that belong to one matrix. */
class Reader {
  readonly #source: FileSource;
  readonly #index: TensorIndex;
  readonly name: string;
  readonly file: string;

  constructor(source: FileSource, index: TensorIndex, name: string, file: string) {
    this.#source = source;
    this.#index = index;
    this.name = name;
    this.file = file;
  }

  entry(name: string): TensorEntry {
    const entry = this.#index.get(name);
    if (entry !== undefined) return entry;
    throw damaged(this.file, said`The checkpoint has no tensor ${name}.`, { tensor: name });
  }

  bad(message: Text) {
    return damaged(this.file, said`Tensor ${this.name} in ${this.file}: ${message}`, { tensor: this.name });
  }

  /** Throws unless a tensor has this type and this many bytes. */
  check(name: string, dtype: string, bytes: number): TensorEntry {
    const entry = this.entry(name);
    if (entry.dtype === dtype && entry.end - entry.start === bytes) return entry;
    throw this.bad(
      said`${name} is ${entry.dtype} ${quote(entry.shape)}, which does not fit what config.json asks for.`,
    );
  }

  bytes(name: string, from: number, to: number, options: ReadOptions) {
    const { file, start } = this.entry(name);
    return this.#source.read(file, start + from, start + to, options);
  }

  all(name: string, options: ReadOptions) {
    const { start, end } = this.entry(name);
    return this.bytes(name, 0, end - start, options);
  }

  async floats(name: string, from: number, to: number, options: ReadOptions) {
    return toFloat32(await this.bytes(name, 4 * from, 4 * to, options), 'F32');
  }
}

function int8(
  file: Reader,
  entry: TensorEntry,
  rows: number,
  columns: number,
  scales: string,
  divisor: number,
): StoredBits {
  file.check(file.name, 'I8', rows * columns);
  file.check(scales, 'F32', 4 * rows);
  return simple('int8', entry, rows, async (from, to, options) => {
    const [codes, found] = await Promise.all([
      file.bytes(file.name, from * columns, to * columns, options),
      file.floats(scales, from, to, options),
    ]);
    return { kind: 'int8', columns, codes, scales: found.map((scale) => scale / divisor) };
  });
}

function int4(file: Reader, entry: TensorEntry, rows: number, columns: number): StoredBits {
  const scales = `${file.name}.scales`;
  const groups = Math.ceil(columns / INT4_GROUP);
  const width = groups * INT4_GROUP;
  file.check(file.name, 'U8', (rows * width) / 2);
  file.check(scales, 'BF16', 2 * rows * groups);
  return simple('int4', entry, rows, async (from, to, options) => {
    const [packed, found] = await Promise.all([
      file.bytes(file.name, (from * width) / 2, (to * width) / 2, options),
      file.bytes(scales, 2 * from * groups, 2 * to * groups, options),
    ]);
    const padded = unpackNibbles(packed, 'int4');
    const codes = new Uint8Array((to - from) * columns);
    for (let row = 0; row < to - from; row++) {
      codes.set(padded.subarray(row * width, row * width + columns), row * columns);
    }
    return { kind: 'int4', columns, codes, scales: toFloat32(found, 'BF16') };
  });
}

function simple(kind: FewBits, entry: TensorEntry, rows: number, readCoded: StoredBits['readCoded']): StoredBits {
  return {
    rows,
    coded: kind,
    entry,
    readCoded,
    readValues: async (from, to, options) => dequantise(await readCoded(from, to, options)),
  };
}

/** What goes with the codes of a matrix of bitsandbytes. */
interface State {
  readonly table: Float32Array;
  /** Absmax of blocks `[from, to)`. */
  absmax(from: number, to: number, options: ReadOptions): Promise<Float32Array<ArrayBuffer>>;
}

function fourBits(file: Reader, kind: 'nf4' | 'fp4', entry: TensorEntry, rows: number, columns: number): StoredBits {
  const { name } = file;
  const elements = rows * columns;
  if (entry.end - entry.start !== Math.ceil(elements / 2)) file.check(name, 'U8', Math.ceil(elements / 2));
  const absmax = file.entry(`${name}.absmax`);
  const nested = absmax.dtype === 'U8';
  const count = (absmax.end - absmax.start) / (nested ? 1 : 4);
  let opened: Promise<State> | undefined;

  /** Values in a block, checked against the number of absmax. */
  const blockOf = (json: Record<string, unknown>): number => {
    const size = json['blocksize'];
    if (
      Number.isInteger(size) &&
      (size as number) % NF4_BLOCK === 0 &&
      Math.ceil(elements / (size as number)) === count
    ) {
      return size as number;
    }
    throw file.bad(said`its blocks of ${quote(size)} values and ${count} scales do not fit.`);
  };
  const open = async (options: ReadOptions): Promise<State> => {
    const json = parseState(await file.all(`${name}${STATE}${kind}`, options), file);
    const size = blockOf(json);
    if (kind === 'fp4') file.check(`${name}.quant_map`, 'F32', 64);
    const table = kind === 'nf4' ? NF4_TABLE : await file.floats(`${name}.quant_map`, 0, 16, options);
    const restore = nested ? await nestedAbsmax(file, json, count, options) : undefined;
    const repeat = size / NF4_BLOCK;
    return {
      table,
      async absmax(from, to, how) {
        const [first, last] = [Math.floor(from / repeat), Math.ceil(to / repeat)];
        const found = restore
          ? restore(await file.bytes(`${name}.absmax`, first, last, how), first)
          : await file.floats(`${name}.absmax`, first, last, how);
        if (repeat === 1) return found;
        return Float32Array.from(
          { length: to - from },
          (_, i) => found[Math.floor((from + i) / repeat) - first] as number,
        );
      },
    };
  };
  const state = (options: ReadOptions): Promise<State> => {
    opened ??= open(options).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const readCoded = async (from: number, to: number, options: ReadOptions): Promise<Coded> => {
    const [begin, end] = [from * columns, to * columns];
    const { absmax: scalesOf } = await state(options);
    const [packed, scales] = await Promise.all([
      file.bytes(name, Math.floor(begin / 2), Math.ceil(end / 2), options),
      scalesOf(Math.floor(begin / NF4_BLOCK), Math.ceil(end / NF4_BLOCK), options),
    ]);
    const odd = begin % 2;
    return { kind: 'nf4', columns, codes: unpackNibbles(packed, 'nf4', odd, odd + end - begin), scales };
  };
  return {
    rows,
    coded: kind === 'nf4' && rowsAreBlocks('nf4', columns) ? 'nf4' : undefined,
    entry,
    readCoded,
    async readValues(from, to, options) {
      const coded = await readCoded(from, to, options);
      return dequantise(coded, from * columns, (await state(options)).table);
    },
  };
}

/** How absmax in 8 bits, from block `first` on, become numbers. */
async function nestedAbsmax(file: Reader, json: Record<string, unknown>, count: number, options: ReadOptions) {
  const { name } = file;
  const offset = json['nested_offset'];
  if (json['nested_blocksize'] !== NESTED_BLOCK || typeof offset !== 'number') {
    throw file.bad(said`its nested blocks are ${quote(json['nested_blocksize'])} with offset ${quote(offset)}.`);
  }
  const blocks = Math.ceil(count / NESTED_BLOCK);
  file.check(`${name}.nested_absmax`, 'F32', 4 * blocks);
  file.check(`${name}.nested_quant_map`, 'F32', 4 * 256);
  const [nested, map] = await Promise.all([
    file.floats(`${name}.nested_absmax`, 0, blocks, options),
    file.floats(`${name}.nested_quant_map`, 0, 256, options),
  ]);
  return (codes: Uint8Array, first: number) =>
    Float32Array.from(codes, (code, i) =>
      Math.fround(
        Math.fround((map[code] as number) * (nested[Math.floor((first + i) / NESTED_BLOCK)] as number)) + offset,
      ),
    );
}

function parseState(bytes: Uint8Array, file: Reader): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damaged(file.file, said`The state of tensor ${file.name} is not JSON.`, { tensor: file.name, cause });
  }
  if (isObject(json)) return json;
  throw file.bad(said`its state is ${quote(json)} instead of an object.`);
}
