import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { npyHeader, writeNpy } from './npy.ts';

const folder = () => mkdtemp(join(tmpdir(), 'unmask-npy-'));

test('the header is that of NumPy’s format 1.0, padded to 64 bytes', () => {
  const header = npyHeader([3, 50_368]);
  expect([...header.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  expect(header.length % 64).toBe(0);
  expect(new DataView(header.buffer).getUint16(8, true)).toBe(header.length - 10);
  const dict = new TextDecoder().decode(header.subarray(10));
  expect(dict).toBe(`${"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 50368), }".padEnd(dict.length - 1)}\n`);
  expect(new TextDecoder().decode(npyHeader([7]))).toContain("'shape': (7,), }");
});

test('pieces are written one after the other, also parts of a larger buffer', async () => {
  const path = join(await folder(), 'out.npy');
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  await writeNpy(path, [3, 2], [values.subarray(0, 2), values.subarray(2)]);
  const bytes = await readFile(path);
  const start = npyHeader([3, 2]).length;
  expect(bytes.length).toBe(start + 24);
  expect([0, 1, 2, 3, 4, 5].map((i) => bytes.readFloatLE(start + 4 * i))).toEqual([1, 2, 3, 4, 5, 6]);
});

test('what breaks off leaves nothing behind', async () => {
  const directory = await folder();
  const breaking = (function* () {
    yield Float32Array.of(1);
    throw new Error('the card fell out');
  })();
  await expect(writeNpy(join(directory, 'a.npy'), [2, 1], breaking)).rejects.toThrow('the card fell out');
  await expect(writeNpy(join(directory, 'b.npy'), [2, 1], [Float32Array.of(1)])).rejects.toThrow(RangeError);
  expect(await readdir(directory)).toEqual([]);
});
