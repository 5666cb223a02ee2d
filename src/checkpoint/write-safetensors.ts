/** Writes a safetensors file in memory: tensors sorted by element size, then name, so that every one starts aligned. */
import { STORED_BITS } from './safetensors.ts';

export interface TensorData {
  /** One of those of the format. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Little-endian bytes, row-major. */
  readonly bytes: Uint8Array;
}

/** The bytes of a file that holds `tensors`. Throws `RangeError` when a tensor's bytes do not fit its shape. */
export function writeSafetensors(
  tensors: Iterable<readonly [string, TensorData]>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const order = [...tensors].sort(([a, one], [b, two]) => bitsOf(two) - bitsOf(one) || (a < b ? -1 : 1));
  // A Map, not an object: names such as "7" or "__proto__" would change order or vanish.
  const entries: string[] = metadata === undefined ? [] : [`"__metadata__":${JSON.stringify(metadata)}`];
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of order) {
    const expected = shape.reduce((product, dim) => product * dim, bitsOf({ dtype }) / 8);
    if (bytes.length !== expected) throw new RangeError(`${name} has ${bytes.length} bytes instead of ${expected}.`);
    const entry = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset += bytes.length;
  }
  const json = new TextEncoder().encode(`{${entries.join(',')}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(json, 8);
  let at = 8 + headerBytes;
  for (const [, { bytes }] of order) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

function bitsOf({ dtype }: Pick<TensorData, 'dtype'>): number {
  return STORED_BITS[dtype] as number;
}
