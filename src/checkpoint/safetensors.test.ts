import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import type { FileSource } from './model.ts';
import { parseHeader, readHeader, type TensorIndex } from './safetensors.ts';
import { memorySource } from './sources.ts';
import { writeSafetensors } from './write-safetensors.ts';

const FILE = 'model.safetensors';
const encode = (text: string) => new TextEncoder().encode(text);

/** Parses a header against `dataBytes` bytes of tensors. */
function parse(header: unknown, dataBytes: number): TensorIndex {
  const text = () => encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = header instanceof Uint8Array ? header : text();
  return parseHeader(bytes, 8 + bytes.length + dataBytes, FILE);
}

function fileWith(length: bigint, rest: Uint8Array): FileSource {
  const bytes = new Uint8Array(8 + rest.length);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  bytes.set(rest, 8);
  return memorySource(new Map([[FILE, bytes]]), 'memory');
}

const f32 = (shape: unknown, offsets: unknown) => ({ dtype: 'F32', shape, data_offsets: offsets });

describe('a header is refused, in words, when', () => {
  test.each<[string, unknown, number, RegExp]>([
    ['it is not JSON', '{', 0, /not JSON/],
    ['it is not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x7d), 0, /not JSON/],
    ['it is a list', '[]', 0, /instead of an object/],
    [
      'a name stands twice',
      `{"a":${JSON.stringify(f32([1], [0, 4]))},"a":${JSON.stringify(f32([1], [4, 8]))}}`,
      8,
      /twice/,
    ],
    ['__metadata__ is a list', { __metadata__: [] }, 0, /__metadata__/],
    ['__metadata__ holds a number', { __metadata__: { format: 1 } }, 0, /__metadata__/],
    ['an entry is a text', { a: 'b' }, 0, /instead of an object/],
    ['a dtype is a number', { a: { dtype: 4, shape: [1], data_offsets: [0, 4] } }, 4, /instead of a name/],
    ['a dtype is empty', { a: { dtype: '', shape: [1], data_offsets: [0, 4] } }, 4, /instead of a name/],
    ['four bits do not fill bytes', { a: { dtype: 'F4', shape: [3], data_offsets: [0, 2] } }, 2, /takes 1.5 bytes/],
    ['offsets of a new type run backwards', { a: { dtype: 'F33', shape: [1], data_offsets: [4, 0] } }, 4, /span -4/],
    ['an empty tensor lies inside another', { a: f32([2], [0, 8]), e: f32([0], [4, 4]) }, 8, /overlaps/],
    ['an empty tensor lies beyond the end', { a: f32([2], [0, 8]), e: f32([0], [9, 9]) }, 8, /gap/],
    ['a dimension is negative', { a: f32([-1], [0, 4]) }, 4, /must be a whole number/],
    ['a dimension is a fraction', { a: f32([0.5], [0, 2]) }, 2, /must be a whole number/],
    ['a dimension is a text', { a: f32(['1'], [0, 4]) }, 4, /must be a whole number/],
    ['the shape is missing', { a: { dtype: 'F32', data_offsets: [0, 4] } }, 4, /shape/],
    ['a product overflows', { a: f32([2 ** 30, 2 ** 30, 2 ** 30], [0, 4]) }, 4, /more elements than can be counted/],
    ['a product is infinite', { a: f32(Array(200).fill(2 ** 50), [0, 4]) }, 4, /more elements than can be counted/],
    ['shape and bytes disagree', { a: f32([2, 2], [0, 12]) }, 12, /takes 16 bytes, but its offsets span 12/],
    ['offsets run backwards', { a: f32([1], [4, 0]) }, 4, /offsets span -4/],
    ['offsets are three', { a: f32([1], [0, 4, 8]) }, 8, /data_offsets/],
    ['an offset is negative', { a: f32([1], [-4, 0]) }, 4, /data_offsets/],
    ['an offset is a fraction', { a: f32([1], [0.5, 4.5]) }, 5, /data_offsets/],
    ['tensors overlap', { a: f32([2], [0, 8]), b: f32([2], [4, 12]) }, 12, /overlaps/],
    ['tensors are the same bytes', { a: f32([2], [0, 8]), b: f32([2], [0, 8]) }, 8, /overlaps/],
    ['there is a gap', { a: f32([1], [0, 4]), b: f32([1], [8, 12]) }, 12, /gap before tensor b/],
    ['the first tensor starts late', { a: f32([1], [4, 8]) }, 8, /gap before tensor a/],
    ['bytes are left over', { a: f32([1], [0, 4]) }, 6, /2 bytes after its last tensor/],
    ['the file is cut short', { a: f32([2], [0, 8]) }, 6, /cut short/],
  ])('%s', (_, header, dataBytes, words) => {
    expect(() => parse(header, dataBytes)).toThrow(words);
    expect(() => parse(header, dataBytes)).toThrow(UnmaskError);
  });

  // What safetensors 0.8 for Python opens, tried one by one.
  test.each<[string, unknown, number, readonly (readonly number[])[]]>([
    ['an empty tensor at the end', { a: f32([2], [0, 8]), e: f32([0, 4], [8, 8]) }, 8, [[2], [0, 4]]],
    ['an empty tensor at the start', { a: f32([2], [0, 8]), e: f32([0], [0, 0]) }, 8, [[2], [0]]],
    ['a scalar', { a: f32([2], [0, 8]), s: f32([], [8, 12]) }, 12, [[2], []]],
    [
      'numbers that are not aligned',
      { u: { dtype: 'U8', shape: [1], data_offsets: [0, 1] }, a: f32([1], [1, 5]) },
      5,
      [[1], [1]],
    ],
    ['four-bit floats', { f: { dtype: 'F4', shape: [2, 4], data_offsets: [0, 4] } }, 4, [[2, 4]]],
    ['eight-bit exponents', { f: { dtype: 'F8_E8M0', shape: [3], data_offsets: [0, 3] } }, 3, [[3]]],
    ['complex numbers', { c: { dtype: 'C64', shape: [1], data_offsets: [0, 8] } }, 8, [[1]]],
    ['metadata that is null', { __metadata__: null, a: f32([1], [0, 4]) }, 4, [[1]]],
    ['keys of an entry that nobody knows', { a: { ...f32([1], [0, 4]), x: 1 } }, 4, [[1]]],
  ])('but not for %s', (_, header, dataBytes, shapes) => {
    expect([...parse(header, dataBytes).values()].map(({ shape }) => shape)).toEqual(shapes);
  });

  test('nor for a type that is not known yet, which takes the bytes it says', () => {
    const header = {
      a: { dtype: 'F33', shape: [1], data_offsets: [0, 4] },
      b: { dtype: 'toString', shape: [9], data_offsets: [4, 6] },
    };
    expect([...parse(header, 6).values()].map(({ dtype }) => dtype)).toEqual(['F33', 'toString']);
  });

  test('an error names the file, the tensor and a remedy', () => {
    try {
      parse({ 'layers.0.bias': f32([2], [0, 4]) }, 4);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'checkpoint', file: FILE, tensor: 'layers.0.bias' });
      expect((error as UnmaskError).remedy).toMatch(/\w/);
    }
  });
});

describe('a file is refused before anything is allocated when', () => {
  test.each<[string, FileSource, RegExp]>([
    ['it is missing', memorySource(new Map(), 'memory'), /missing from memory/],
    ['it has 7 bytes', memorySource(new Map([[FILE, new Uint8Array(7)]]), 'memory'), /ends after 7 bytes/],
    ['its header has 8 exabytes', fileWith(2n ** 63n - 1n, encode('{}')), /9223372036854775807 bytes/],
    ['its header has 16 exabytes', fileWith(2n ** 64n - 1n, encode('{}')), /18446744073709551615 bytes/],
    ['its header is larger than the file', fileWith(3n, encode('{}')), /only 10 bytes in all/],
    ...['', '\ufeff', '\r'].map((odd): [string, FileSource, RegExp] => {
      const note = ['version https://git-lfs.github.com/spec/v1', 'oid sha256:0', 'size 9', ''];
      const bytes = encode(odd === '\r' ? note.join('\r\n') : odd + note.join('\n'));
      const source = memorySource(new Map([[FILE, bytes]]), 'memory');
      return [`it is a note of Git LFS ${JSON.stringify(odd)}`, source, /Git LFS pointer/];
    }),
    ['its header is empty', fileWith(0n, new Uint8Array(0)), /not JSON/],
  ])('%s', async (_, source, words) => {
    const read: number[] = [];
    const counting: FileSource = {
      ...source,
      read: (name, start, end) => {
        read.push(end - start);
        return source.read(name, start, end);
      },
    };
    await expect(readHeader(counting, FILE)).rejects.toThrow(words);
    expect(Math.max(0, ...read)).toBeLessThanOrEqual(8);
  });
});

const storable = fc.constantFrom('F32', 'F16', 'BF16', 'I64', 'U8' as const);
const tensorList = fc.uniqueArray(
  fc.record({
    name: fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('__proto__', '7', '"', 'é')),
    dtype: storable,
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
  }),
  { selector: ({ name }) => name, maxLength: 6 },
);

const written = tensorList
  .filter((list) => list.every(({ name }) => name !== '__metadata__'))
  .map((list) => {
    const sizes = { F32: 4, F16: 2, BF16: 2, I64: 8, U8: 1 };
    const tensors = list.map(({ name, dtype, shape }, index) => {
      const bytes = new Uint8Array(shape.reduce((product, dim) => product * dim, sizes[dtype as keyof typeof sizes]));
      return [name, { dtype: dtype as keyof typeof sizes, shape, bytes: bytes.fill(index + 1) }] as const;
    });
    return { tensors, file: writeSafetensors(tensors, { format: 'pt' }) };
  });

test('whatever is written can be read back, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(written, async ({ tensors, file }) => {
      const source = memorySource(new Map([[FILE, file]]), 'memory');
      const index = await readHeader(source, FILE);
      expect([...index.keys()].sort()).toEqual(tensors.map(([name]) => name).sort());
      for (const [name, { dtype, shape, bytes }] of tensors) {
        const entry = index.get(name);
        expect(entry).toMatchObject({ dtype, shape });
        expect(await source.read(FILE, entry?.start ?? 0, entry?.end ?? 0)).toEqual(bytes);
      }
    }),
  );
});

test('the writer starts data at a multiple of 8 and refuses bytes that do not fit their shape', () => {
  const file = writeSafetensors([['a', { dtype: 'U8', shape: [3], bytes: Uint8Array.of(1, 2, 3) }]]);
  expect(Number(new DataView(file.buffer).getBigUint64(0, true)) % 8).toBe(0);
  expect(() => writeSafetensors([['a', { dtype: 'F32', shape: [3], bytes: new Uint8Array(3) }]])).toThrow(RangeError);
});

/** Reading gives an index or an `UnmaskError`, and never reads beyond the file. */
async function readOrRefuse(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const source = memorySource(new Map([[FILE, bytes]]), 'memory');
  try {
    for (const entry of (await readHeader(source, FILE)).values()) expect(entry.end).toBeLessThanOrEqual(bytes.length);
  } catch (error) {
    expect(error).toBeInstanceOf(UnmaskError);
  }
}

test('random bytes never break the reader', async () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => new Uint8Array(array));
  await fc.assert(fc.asyncProperty(bytes, readOrRefuse), { numRuns: 500 });
});

test('random headers never break the reader', async () => {
  const header = fc.oneof(
    fc.json(),
    fc
      .dictionary(
        fc.string(),
        fc.record({ dtype: storable, shape: fc.array(fc.double()), data_offsets: fc.array(fc.integer()) }),
      )
      .map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(header, fc.nat(64), async (text, data) => {
      const json = encode(text);
      const bytes = new Uint8Array(8 + json.length + data);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
      bytes.set(json, 8);
      await readOrRefuse(bytes);
    }),
    { numRuns: 500 },
  );
});

test('a good file with bytes changed, cut or added never breaks the reader', async () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(written, edits, fc.integer({ min: -20, max: 20 }), async ({ file }, changes, growth) => {
      const bytes = new Uint8Array(Math.max(0, file.length + growth));
      bytes.set(file.subarray(0, bytes.length));
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % Math.min(bytes.length, 400)] = value;
      await readOrRefuse(bytes);
    }),
    { numRuns: 1000 },
  );
});
