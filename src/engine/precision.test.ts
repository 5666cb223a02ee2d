import { expect, test } from 'vitest';
import { fromFloat32 } from '../checkpoint/half.ts';
import { convert, dequantise, packedType, quantise } from './precision.ts';
import { noise, worstError } from './testing/numbers.ts';

test('what is asked for decides, and stored keeps the checkpoint’s type', () => {
  expect(packedType('BF16', 'stored')).toBe('BF16');
  expect(packedType('F32', 'f16')).toBe('F16');
  expect(packedType('F16', 'int8')).toBe('I8');
});

test('int8 is within half a step of every value, row by row', () => {
  const [rows, columns] = [9, 37];
  const values = noise(rows * columns, 3).map((value, i) => value * 10 ** (Math.floor(i / columns) - 4));
  const quantised = quantise(fromFloat32(values, 'F32'), 'F32', columns);
  const back = dequantise(quantised);
  quantised.scales.forEach((scale, row) => {
    const [from, to] = [row * columns, (row + 1) * columns];
    expect(worstError(back.subarray(from, to), values.subarray(from, to))).toBeLessThanOrEqual(0.5001 * scale);
    expect(Math.max(...quantised.values.subarray(from, to).map(Math.abs))).toBe(127);
  });
});

test('a row of zeros has scale 0', () => {
  const { values, scales } = quantise(new Uint8Array(16), 'F16', 4);
  expect([...values, ...scales]).toEqual(new Array(10).fill(0));
});

test('bf16 to f16 is exact in the middle of its range', () => {
  const stored = fromFloat32(Float32Array.of(1.5, -0.0078125, 300), 'BF16');
  expect(convert(stored, 'BF16', 'F16')).toEqual(fromFloat32(Float32Array.of(1.5, -0.0078125, 300), 'F16'));
});
