/** Writes safetensors files: tensors sorted by element size, then name, so that every one starts aligned. */
import { STORED_BITS } from './safetensors.ts';

export interface TensorData {
  /** One of those of the format. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Little-endian bytes, row-major. */
  readonly bytes: Uint8Array;
}

/** The beginning of a file, up to its first tensor, and where each tensor begins behind it. */
export function layOut(
  tensors: Iterable<readonly [string, Pick<TensorData, 'dtype' | 'shape'>]>,
  metadata?: Readonly<Record<string, string>>,
): { readonly header: Uint8Array<ArrayBuffer>; readonly places: ReadonlyMap<string, number>; readonly bytes: number } {
  const order = [...tensors].sort(([a, one], [b, two]) => bitsOf(two) - bitsOf(one) || (a < b ? -1 : 1));
  // A Map, not an object: names such as "7" or "__proto__" would change order or vanish.
  const entries: string[] = metadata === undefined ? [] : [`"__metadata__":${JSON.stringify(metadata)}`];
  const places = new Map<string, number>();
  let offset = 0;
  for (const [name, { dtype, shape }] of order) {
    const end = offset + bytesOf({ dtype, shape });
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, end] })}`);
    places.set(name, offset);
    offset = end;
  }
  const json = new TextEncoder().encode(`{${entries.join(',')}}`);
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  return { header, places, bytes: header.length + offset };
}

/** The bytes of a file that holds `tensors`. Throws `RangeError` when a tensor's bytes do not fit its shape. */
export function writeSafetensors(
  tensors: Iterable<readonly [string, TensorData]>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const all = [...tensors];
  const { header, places, bytes: size } = layOut(all, metadata);
  const file = new Uint8Array(size);
  file.set(header);
  for (const [name, { dtype, shape, bytes }] of all) {
    const expected = bytesOf({ dtype, shape });
    if (bytes.length !== expected) throw new RangeError(`${name} has ${bytes.length} bytes instead of ${expected}.`);
    file.set(bytes, header.length + (places.get(name) as number));
  }
  return file;
}

function bytesOf({ dtype, shape }: Pick<TensorData, 'dtype' | 'shape'>): number {
  return shape.reduce((product, dim) => product * dim, bitsOf({ dtype }) / 8);
}

function bitsOf({ dtype }: Pick<TensorData, 'dtype'>): number {
  return STORED_BITS[dtype] as number;
}
