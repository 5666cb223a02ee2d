/**
 * Safetensors (github.com/huggingface/safetensors, "Format"): eight bytes of header length N, N bytes of JSON that say
 * type, shape and place of every tensor, then the tensors' little-endian bytes without gaps. Only the header is read
 * here; tensors are read later by range. A file is refused unless every byte of it is accounted for.
 */
import { said, type Text } from '../text/said.ts';
import { damaged, isObject, quote } from './damage.ts';
import { repeatedKey } from './json-keys.ts';
import type { FileSource, ReadOptions } from './model.ts';

/** Bytes per element of every whole-byte type of the format; the engine computes with F32, F16 and BF16 only. */
export const STORED_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;
export type StoredType = keyof typeof STORED_BYTES;

export interface TensorEntry {
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  readonly file: string;
  /** First byte in the file, counted from the file's start. */
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
}

export type TensorIndex = ReadonlyMap<string, TensorEntry>;

/** The format's own limit; a header beyond it is never allocated. */
const MAX_HEADER_BYTES = 100_000_000;

/** Reads and checks the header of one file. Throws `UnmaskError` code `checkpoint`. */
export async function readHeader(source: FileSource, file: string, options?: ReadOptions): Promise<TensorIndex> {
  const size = await source.size(file, options);
  if (size === undefined) throw damaged(file, said`${file} is missing from ${source.label}.`);
  if (size < 8) throw damaged(file, said`${file} ends after ${size} bytes, before its header length.`);
  const prefix = await source.read(file, 0, 8, options);
  const length = headerLength(prefix, size, file);
  return parseHeader(await source.read(file, 8, 8 + length, options), size, file);
}

/** Length N of the header, from the first eight bytes of a file of `size` bytes. */
export function headerLength(prefix: Uint8Array, size: number, file: string): number {
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw damaged(file, said`${file} claims a header of ${length} bytes; it is not a safetensors file or is damaged.`);
  }
  if (Number(length) > size - 8) {
    throw damaged(file, said`${file} claims a header of ${length} bytes but has only ${size} bytes in all.`);
  }
  return Number(length);
}

/** Checks the header JSON of a file of `size` bytes and gives every tensor its place. */
export function parseHeader(header: Uint8Array, size: number, file: string): TensorIndex {
  const json = headerJson(header, file);
  const base = 8 + header.length;
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') checkMetadata(value, file);
    else tensors.set(name, parseEntry(name, value, file, base));
  }
  checkCover(tensors, base, size, file);
  return tensors;
}

function headerJson(header: Uint8Array, file: string): Readonly<Record<string, unknown>> {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged(file, said`The header of ${file} is not JSON.`, { cause });
  }
  if (!isObject(json)) throw damaged(file, said`The header of ${file} is ${quote(json)} instead of an object.`);
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw damaged(file, said`The header of ${file} holds the name ${quote(repeated)} twice.`);
  return json;
}

function checkMetadata(value: unknown, file: string): void {
  if (isObject(value) && Object.values(value).every((entry) => typeof entry === 'string')) return;
  throw damaged(file, said`__metadata__ of ${file} must map names to texts, but it is ${quote(value)}.`);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseEntry(name: string, value: unknown, file: string, base: number): TensorEntry {
  const bad = (message: Text) => damaged(file, said`Tensor ${name} in ${file}: ${message}`, { tensor: name });
  if (!isObject(value)) throw bad(said`its entry is ${quote(value)} instead of an object.`);
  const { dtype, shape, data_offsets: offsets } = value as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (typeof dtype !== 'string' || !Object.hasOwn(STORED_BYTES, dtype)) {
    throw bad(said`its dtype is ${quote(dtype)}, which is not a safetensors type.`);
  }
  const bytes = STORED_BYTES[dtype as StoredType];
  if (!Array.isArray(shape) || !shape.every((dim) => isCount(dim) && dim > 0)) {
    throw bad(said`its shape is ${quote(shape)}; every dimension must be a whole number above 0.`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw bad(said`its data_offsets are ${quote(offsets)} instead of two byte positions.`);
  }
  const [start, end] = offsets as [number, number];
  const expected = (shape as number[]).reduce((product, dim) => product * dim, bytes);
  if (!Number.isSafeInteger(expected))
    throw bad(said`its shape ${quote(shape)} has more elements than can be counted.`);
  if (end - start !== expected) {
    throw bad(
      said`its shape ${quote(shape)} in ${dtype} takes ${expected} bytes, but its offsets span ${end - start}.`,
    );
  }
  if (start % bytes !== 0)
    throw bad(said`it starts at byte ${start}, which is not a multiple of its ${bytes}-byte elements.`);
  return { dtype: dtype as StoredType, shape: shape as number[], file, start: base + start, end: base + end };
}

/** Tensors must tile the data part: no overlap, no gap, nothing left over. */
function checkCover(tensors: TensorIndex, base: number, size: number, file: string): void {
  let covered = base;
  for (const [tensor, { start, end }] of [...tensors].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (start < covered) throw damaged(file, said`Tensor ${tensor} in ${file} overlaps the one before it.`, { tensor });
    if (start > covered) throw damaged(file, said`${file} has a gap before tensor ${tensor}.`, { tensor });
    if (end > size) {
      const message = said`${file} ends at byte ${size}, but tensor ${tensor} needs bytes up to ${end}: it is cut short.`;
      throw damaged(file, message, { tensor });
    }
    covered = end;
  }
  if (covered !== size) throw damaged(file, said`${file} has ${size - covered} bytes after its last tensor.`);
}
