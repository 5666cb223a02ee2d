import { describe, expect, test } from 'vitest';
import { quantise } from '../checkpoint/few-bits.ts';
import { fromFloat32 } from '../checkpoint/half.ts';
import type { DType } from '../checkpoint/model.ts';
import { gatedRows, headColumns, packCoded, packMatrix, packVector, panelWords, qkvOrder, strideOf } from './pack.ts';

/** A matrix whose element bits are 1, 2, 3 … */
function counting(rows: number, columns: number, dtype: DType): Uint8Array {
  const values = Array.from({ length: rows * columns }, (_, i) => i + 1);
  return new Uint8Array((dtype === 'F32' ? Uint32Array.from(values) : Uint16Array.from(values)).buffer);
}

/** Element bits of a packed matrix, found the way shaders/weights.wgsl finds them. */
function element(packed: Uint32Array, dtype: DType, columns: number, row: number, k: number): number {
  const stride = strideOf(columns);
  const panel = Math.floor(row / 64);
  if (dtype === 'F32') return packed[(panel * stride + k) * 64 + (row % 64)] as number;
  const word = packed[(panel * (stride / 2) + (k >> 1)) * 64 + (row % 64)] as number;
  return (word >>> (16 * (k & 1))) & 0xffff;
}

describe('packMatrix', () => {
  test.each([
    ['F32', 70, 6],
    ['F16', 70, 6],
    ['BF16', 130, 33],
    ['F16', 3, 40],
  ] as const)('%s [%i, %i]: every element has its place, the rest is 0', (dtype, rows, columns) => {
    const packed = packMatrix(counting(rows, columns, dtype), { dtype, rows, columns }, { storedColumns: columns });
    let count = 0;
    for (let row = 0; row < Math.ceil(rows / 64) * 64; row++) {
      for (let k = 0; k < strideOf(columns); k++) {
        const inside = row < rows && k < columns;
        expect(element(packed, dtype, columns, row, k)).toBe(inside ? row * columns + k + 1 : 0);
        count++;
      }
    }
    expect(packed.length).toBe(dtype === 'F32' ? count : count / 2);
  });

  test('bytes may start anywhere in their buffer', () => {
    const bytes = counting(4, 4, 'F16');
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const shape = { dtype: 'F16', rows: 4, columns: 4 } as const;
    const options = { storedColumns: 4 };
    expect(packMatrix(shifted.subarray(1), shape, options)).toEqual(packMatrix(bytes, shape, options));
  });

  test('rows and columns can be reordered, with -1 for zeros', () => {
    const rowOrder = Int32Array.of(1, -1, 0);
    const columnOrder = Int32Array.of(2, -1, 0, 1);
    const shape = { dtype: 'F16', rows: 3, columns: 4 } as const;
    const packed = packMatrix(counting(2, 3, 'F16'), shape, { storedColumns: 3, rowOrder, columnOrder });
    const rows = [0, 1, 2].map((row) => [0, 1, 2, 3].map((k) => element(packed, 'F16', 4, row, k)));
    expect(rows).toEqual([
      [6, 0, 4, 5],
      [0, 0, 0, 0],
      [3, 0, 1, 2],
    ]);
  });
});

describe('packMatrix to another precision', () => {
  test('F32 to F16 rounds, and what f16 cannot hold becomes its largest number', () => {
    const bytes = fromFloat32(Float32Array.of(1 + 2 ** -12, 1e6, -1e6, 0.5), 'F32');
    const packed = packMatrix(bytes, { dtype: 'F16', rows: 1, columns: 4 }, { stored: 'F32', storedColumns: 4 });
    const half = [0, 1, 2, 3].map((k) => element(packed, 'F16', 4, 0, k));
    expect(half).toEqual([0x3c00, 0x7bff, 0xfbff, 0x3800]);
  });

  test('I8 keeps four columns in a word, and each row its scale', () => {
    const values = Float32Array.of(254, -127, 1, 0, 3, 0, 0, 0, 0, 0);
    const shape = { dtype: 'I8', rows: 2, columns: 5 } as const;
    const packed = packCoded(quantise(values, 5, 'int8'), shape, {});
    expect(packed.length).toBe(panelWords(shape));
    expect(new Int8Array(packed.buffer, 0, 8)).toEqual(Int8Array.of(127, -63, 1, 0, 0, 0, 0, 0)); // rows 0 and 1, k < 4
    expect(new Int8Array(packed.buffer, 4 * 64, 4)).toEqual(Int8Array.of(2, 0, 0, 0)); // row 0, k = 4
    expect([...new Float32Array(packed.buffer, 4 * 64 * 8, 3)]).toEqual([2, 0, 0]);
  });
});

describe('packCoded of four bits', () => {
  test('I4 keeps eight signed columns in a word, and two scales of each row', () => {
    const values = new Float32Array(2 * 70);
    values.set([-8, 7, 1, 0, -1, 2, 3, 4, 5]);
    values[32] = -16;
    values[69] = 4; // the third group of row 0
    const shape = { dtype: 'I4', rows: 2, columns: 70 } as const;
    const packed = packCoded(quantise(values, 70, 'int4'), shape, { rowOrder: Int32Array.of(1, 0) });
    expect(packed.length).toBe(panelWords(shape));
    expect(panelWords(shape)).toBe(64 * (96 / 8 + 2));
    // Row 0 of the file stands in the second place.
    expect([packed[1], packed[64 + 1], packed[4 * 64 + 1]]).toEqual([0x432f0178, 0x5, 0x8]);
    expect(packed[0]).toBe(0);
    // 1 and 2 as bfloat16, then −0.5: the code of an extreme is −8.
    expect([packed[12 * 64 + 1], packed[13 * 64 + 1]]).toEqual([0x40003f80, 0xbf00]);
  });

  test('NF4 keeps its codes, and an f32 for 64 values', () => {
    const values = new Float32Array(128).fill(-3, 0, 64).fill(0.5, 64);
    const shape = { dtype: 'NF4', rows: 1, columns: 128 } as const;
    const coded = quantise(values, 128, 'nf4');
    const packed = packCoded(coded, shape, {});
    expect([packed[0], packed[8 * 64]]).toEqual([0, 0xffffffff]);
    expect([packed[16 * 64], packed[17 * 64]]).toEqual([...new Uint32Array(coded.scales.buffer)]);
  });
});

describe('orders', () => {
  test('rotary pairs become neighbours in queries and keys, and heads begin at multiples of four', () => {
    expect([...qkvOrder({ heads: 1, kvHeads: 1, headDim: 6, rotary: { theta: 10 } })]).toEqual([
      ...[0, 3, 1, 4, 2, 5, -1, -1],
      ...[6, 9, 7, 10, 8, 11, -1, -1],
      ...[12, 13, 14, 15, 16, 17, -1, -1],
    ]);
    // Two queries share a key; without rotation heads keep their order.
    expect([...qkvOrder({ heads: 2, kvHeads: 1, headDim: 2 })]).toEqual([
      ...[0, 1, -1, -1],
      ...[2, 3, -1, -1],
      ...[4, 5, -1, -1],
      ...[6, 7, -1, -1],
    ]);
    expect([...headColumns(2, 6)]).toEqual([0, 1, 2, 3, 4, 5, -1, -1, 6, 7, 8, 9, 10, 11, -1, -1]);
  });

  test('two activated columns stand before their two gates', () => {
    expect([...gatedRows(3)]).toEqual([0, 1, 3, 4, 2, -1, 5, -1]);
  });

  test('a bias follows the rows', () => {
    expect([...packVector(Float32Array.of(7, 8, 9), 5, Int32Array.of(2, -1, 0, 1))]).toEqual([9, 0, 7, 8, 0]);
    expect([...packVector(Float32Array.of(7, 8), 4)]).toEqual([7, 8, 0, 0]);
  });
});
