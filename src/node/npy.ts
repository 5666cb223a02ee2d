/**
 * NumPy's .npy format, version 1.0 (numpy.lib.format): magic, header length, a Python dict padded with spaces so that the
 * data starts at a multiple of 64, then little-endian float32 in C order. Rows are written as they come.
 */
import { open, rename, rm } from 'node:fs/promises';

/** The bytes before the data of a float32 array. Throws `RangeError` when the shape does not fit version 1.0. */
export function npyHeader(shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': (${tuple}), }`;
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64;
  if (length - 10 > 0xffff) throw new RangeError(`A shape of ${shape.length} axes does not fit .npy version 1.0.`);
  const bytes = new Uint8Array(length).fill(0x20);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(dict), 10);
  bytes[length - 1] = 0x0a;
  return bytes;
}

/**
 * Writes a `[rows, columns]` array whose rows come in pieces. The file appears under its name only when it is complete;
 * otherwise nothing is left behind. Throws what the file system or `pieces` throws, `RangeError` for a wrong row count.
 */
export async function writeNpy(
  path: string,
  shape: readonly [rows: number, columns: number],
  pieces: AsyncIterable<Float32Array> | Iterable<Float32Array>,
): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  const file = await open(part, 'w');
  try {
    let values = 0;
    await file.appendFile(npyHeader(shape));
    for await (const piece of pieces) {
      values += piece.length;
      await file.appendFile(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
    }
    if (values !== shape[0] * shape[1])
      throw new RangeError(`${values} values came for a shape of ${shape.join(' × ')}.`);
    await file.close();
    await rename(part, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}
