/**
 * float16 and bfloat16 to and from float32 (IEEE 754-2019 §5.4.2), exact, rounding to nearest with ties to even.
 * The work is done on bit patterns, because JavaScript may not keep the payload of a NaN that passes through a number.
 */
import type { DType } from './model.ts';

/** float16 bits as float32 bits. Exact for all 65,536 patterns. */
export function f16ToF32Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // A float16 subnormal is a float32 normal: shift its leading one into the hidden place.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}

/** float32 bits rounded to float16 bits; beyond 65,504 gives infinity, NaN stays NaN. */
export function f32ToF16Bits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7c00 | ((magnitude >>> 13) & 0x3ff || 0x200);
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65,520 and above round to infinity
  if (magnitude >= 0x38800000) return sign | roundShift(magnitude - 0x38000000, 13);
  if (magnitude < 0x33000000) return sign; // below half of the smallest subnormal
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  return sign | roundShift(fraction, 126 - (magnitude >>> 23));
}

/** bfloat16 bits as float32 bits. */
export function bf16ToF32Bits(brain: number): number {
  return (brain << 16) >>> 0;
}

/** float32 bits rounded to bfloat16 bits. */
export function f32ToBf16Bits(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | ((bits & 0x7f0000) === 0 ? 0x40 : 0);
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** `value / 2^shift` to the nearest integer, ties to even; `1 ≤ shift ≤ 24`, `value < 2^31`. */
function roundShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** Little-endian stored elements as float32, exact. `bytes` may start anywhere in its buffer. */
export function toFloat32(bytes: Uint8Array, dtype: DType): Float32Array<ArrayBuffer> {
  const own = new Uint8Array(bytes).buffer; // a copy; `slice` of Node's Buffer would not be one
  if (dtype === 'F32') return new Float32Array(own);
  const stored = new Uint16Array(own);
  const values = new Float32Array(stored.length);
  const bits = new Uint32Array(values.buffer);
  const widen = dtype === 'F16' ? f16ToF32Bits : bf16ToF32Bits;
  for (let i = 0; i < stored.length; i++) bits[i] = widen(stored[i] as number);
  return values;
}

/** float32 values as little-endian bytes of the asked type. */
export function fromFloat32(values: Float32Array, dtype: DType): Uint8Array<ArrayBuffer> {
  const own = values.slice();
  if (dtype === 'F32') return new Uint8Array(own.buffer);
  const bits = new Uint32Array(own.buffer);
  const narrow = dtype === 'F16' ? f32ToF16Bits : f32ToBf16Bits;
  return new Uint8Array(Uint16Array.from(bits, narrow).buffer);
}
