import { expect, test } from 'vitest';
import { fromFloat32 } from '../checkpoint/half.ts';
import { convert, packedType } from './precision.ts';

const stored = (dtype: 'F32' | 'F16' | 'BF16', columns = 64) => ({ dtype, shape: [3, columns] });

test('what is asked for decides, and stored keeps the checkpoint’s type', () => {
  expect(packedType(stored('BF16'), 'stored')).toBe('BF16');
  expect(packedType({ ...stored('F32'), coded: 'int4' }, 'stored')).toBe('I4');
  expect(packedType({ ...stored('F32'), coded: 'int4' }, 'f16')).toBe('F16');
  expect(packedType(stored('F32'), 'f16')).toBe('F16');
  expect(packedType(stored('F16'), 'int8')).toBe('I8');
  expect(packedType(stored('F16'), 'nf4')).toBe('NF4');
});

test('four bits need their groups or blocks whole on the card', () => {
  expect(packedType(stored('F16', 33), 'int4')).toBe('I4');
  expect(packedType(stored('F16', 96), 'nf4')).toBe('F32');
  expect(packedType(stored('F16', 48), 'int4', 64)).toBe('F32');
  expect(packedType(stored('F16', 48), 'int8', 64)).toBe('I8');
});

test('bf16 to f16 is exact in the middle of its range', () => {
  const bytes = fromFloat32(Float32Array.of(1.5, -0.0078125, 300), 'BF16');
  expect(convert(bytes, 'BF16', 'F16')).toEqual(fromFloat32(Float32Array.of(1.5, -0.0078125, 300), 'F16'));
});
