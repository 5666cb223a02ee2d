/**
 * Safetensors (github.com/huggingface/safetensors, "Format"): eight bytes of header length N, N bytes of JSON that say
 * type, shape and place of every tensor, then the tensors' little-endian bytes without gaps. Only the header is read
 * here; tensors are read later by range. As in the reference library, tensors may be empty and need not be aligned, and a
 * file is refused unless every byte of it is accounted for.
 */
import { said, type Text } from '../text/said.ts';
import { damaged, isObject, isPointer, pointer, quote } from './damage.ts';
import { repeatedKey } from './json-keys.ts';
import type { FileSource, ReadOptions } from './model.ts';

/** Bits per element of the types of the format (safetensors 0.8); the engine computes with F32, F16 and BF16 only. */
export const STORED_BITS: Readonly<Record<string, number>> = {
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  U16: 16,
  I16: 16,
  F16: 16,
  BF16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  U64: 64,
  I64: 64,
  F64: 64,
  C64: 64,
};

export interface TensorEntry {
  /** Its name in the file, one of a later version of the format perhaps. */
  readonly dtype: string;
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
  if (isPointer(prefix)) throw pointer(file);
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
  if (value === null) return;
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
  if (typeof dtype !== 'string' || dtype === '') throw bad(said`its dtype is ${quote(dtype)} instead of a name.`);
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw bad(said`its shape is ${quote(shape)}; every dimension must be a whole number.`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw bad(said`its data_offsets are ${quote(offsets)} instead of two byte positions.`);
  }
  const [start, end] = offsets as [number, number];
  // A type of a later version takes the bytes it says; whether it can be used is asked where it is used.
  const bits = Object.hasOwn(STORED_BITS, dtype) ? (STORED_BITS[dtype] as number) : undefined;
  const expected = bits === undefined ? end - start : (shape as number[]).reduce((a, dim) => a * dim, bits) / 8;
  if (!(expected <= Number.MAX_SAFE_INTEGER))
    throw bad(said`its shape ${quote(shape)} has more elements than can be counted.`);
  if (end - start !== expected || end < start) {
    throw bad(
      said`its shape ${quote(shape)} in ${dtype} takes ${expected} bytes, but its offsets span ${end - start}.`,
    );
  }
  return { dtype, shape: shape as number[], file, start: base + start, end: base + end };
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
