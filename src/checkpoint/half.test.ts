import { describe, expect, test } from 'vitest';
import { bf16ToF32Bits, f16ToF32Bits, f32ToBf16Bits, f32ToF16Bits, fromFloat32, toFloat32 } from './half.ts';

const view = new DataView(new ArrayBuffer(4));

function bitsOf(value: number): number {
  view.setFloat32(0, value);
  return view.getUint32(0);
}

function floatOf(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

/** IEEE 754 binary16 by its definition, without bit tricks. */
function f16ByDefinition(half: number): number {
  const sign = half >= 0x8000 ? -1 : 1;
  const exponent = Math.floor(half / 1024) % 32;
  const fraction = half % 1024;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const isNan16 = (half: number) => (half & 0x7fff) > 0x7c00;
const isNanBrain = (brain: number) => (brain & 0x7fff) > 0x7f80;

describe('float16', () => {
  test('each of the 65,536 patterns has the value that its definition gives', () => {
    for (let half = 0; half < 65_536; half++) {
      const value = floatOf(f16ToF32Bits(half));
      if (!Object.is(value, f16ByDefinition(half))) throw new Error(`pattern ${half} gives ${value}`);
    }
  });

  test('each pattern comes back from float32 bit for bit, NaN payloads included', () => {
    for (let half = 0; half < 65_536; half++) {
      const back = f32ToF16Bits(f16ToF32Bits(half));
      if (back !== half) throw new Error(`pattern ${half} comes back as ${back}`);
    }
  });

  test('between neighbours the nearer one is taken, and the even one in the middle', () => {
    for (let low = 0; low < 0x7bff; low++) {
      const middle = (f16ByDefinition(low) + f16ByDefinition(low + 1)) / 2; // exact in float32
      const bits = bitsOf(middle);
      expectHalf(bits, low % 2 === 0 ? low : low + 1);
      expectHalf(bits - 1, low);
      expectHalf(bits + 1, low + 1);
      expectHalf((bits | 0x80000000) >>> 0, (low % 2 === 0 ? low : low + 1) | 0x8000);
    }
  });

  test.each([
    [65_519.996, 65_504],
    [65_520, Number.POSITIVE_INFINITY],
    [1e30, Number.POSITIVE_INFINITY],
    [-1e30, Number.NEGATIVE_INFINITY],
    [2 ** -25, 0],
    [2 ** -25 * 1.0001, 2 ** -24],
    [-(2 ** -40), -0],
    [Number.NaN, Number.NaN],
  ])('%d becomes %d', (value, expected) => {
    expect(f16ByDefinition(f32ToF16Bits(bitsOf(value)))).toBe(expected);
  });

  function expectHalf(bits: number, expected: number): void {
    const got = f32ToF16Bits(bits);
    if (got !== expected) throw new Error(`float32 bits ${bits} become ${got} instead of ${expected}`);
  }
});

describe('bfloat16', () => {
  test('each of the 65,536 patterns is the upper half of its float32 and comes back', () => {
    for (let brain = 0; brain < 65_536; brain++) {
      const bits = bf16ToF32Bits(brain);
      if (bits !== brain * 65_536 || f32ToBf16Bits(bits) !== brain) throw new Error(`pattern ${brain}`);
    }
  });

  test('rounds to the nearer neighbour, and to the even one in the middle', () => {
    for (let low = 0; low < 65_535; low++) {
      if (isNanBrain(low) || isNanBrain(low + 1) || low === 0x7fff) continue;
      const middle = low * 65_536 + 0x8000;
      const even = low % 2 === 0 ? low : low + 1;
      const got = [f32ToBf16Bits(middle - 1), f32ToBf16Bits(middle), f32ToBf16Bits(middle + 1)];
      if (got[0] !== low || got[1] !== even || got[2] !== low + 1) throw new Error(`between ${low} and its neighbour`);
    }
  });

  test('a NaN whose payload lies in the lower half stays a NaN', () => {
    expect(isNanBrain(f32ToBf16Bits(0x7f800001))).toBe(true);
    expect(isNan16(f32ToF16Bits(0x7f800001))).toBe(true);
  });
});

describe('whole tensors', () => {
  test.each(['F32', 'F16', 'BF16'] as const)('%s goes there and back from an unaligned place', (dtype) => {
    const values = Float32Array.of(0, -0, 1, -1.5, 0.15625, 1024, Number.POSITIVE_INFINITY, Number.NaN);
    const stored = fromFloat32(values, dtype);
    const shifted = new Uint8Array(stored.length + 1);
    shifted.set(stored, 1);
    expect(toFloat32(shifted.subarray(1), dtype)).toEqual(values);
    expect(toFloat32(Buffer.from(stored), dtype)).toEqual(values);
  });

  test('bytes are little-endian', () => {
    expect([...fromFloat32(Float32Array.of(1), 'F16')]).toEqual([0x00, 0x3c]);
    expect([...fromFloat32(Float32Array.of(1), 'BF16')]).toEqual([0x80, 0x3f]);
    expect([...fromFloat32(Float32Array.of(1), 'F32')]).toEqual([0, 0, 0x80, 0x3f]);
  });
});
