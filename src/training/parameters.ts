/**
 * A model's weights as tfjs tensors: f32, under the names of `Weights`, with every matrix turned to `[in, out]`.
 * The wasm backend multiplies by an untransposed matrix through XNNPACK and by a transposed one fourteen times slower
 * (measured, 72×192×768), so matrices are turned once at load; the embedding stays `[V, H]`, because it is also looked up.
 */
import { type Tensor, tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import type { DType, Weights } from '../checkpoint/model.ts';

export type Parameters = ReadonlyMap<string, Tensor>;

/**
 * Uploads all weights to the current tfjs backend. The caller owns the tensors (`disposeParameters`).
 * Throws what `weights.read` throws, or the signal's reason; nothing stays allocated then.
 */
export async function loadParameters(weights: Weights, signal?: AbortSignal): Promise<Parameters> {
  const parameters = new Map<string, Tensor>();
  try {
    for (const [name, info] of weights.tensors) {
      signal?.throwIfAborted();
      const values = toFloat32(await weights.read(name), info.dtype);
      const turn = info.shape.length === 2 && name !== 'embeddings' && name !== 'decoder';
      const shape = [...info.shape];
      parameters.set(
        name,
        tidy(() => (turn ? transpose(tensor(values, shape, 'float32')) : tensor(values, shape, 'float32'))),
      );
    }
    return parameters;
  } catch (error) {
    disposeParameters(parameters);
    throw error;
  }
}

export function disposeParameters(parameters: Parameters): void {
  for (const value of parameters.values()) value.dispose();
}

/** Little-endian bytes of a stored dtype as exact 32-bit floats. */
export function toFloat32(bytes: Uint8Array<ArrayBuffer>, dtype: DType): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  if (dtype === 'F32') return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  const view = new DataView(buffer, byteOffset, byteLength);
  const out = new Float32Array(byteLength / 2);
  if (dtype === 'BF16') {
    // bfloat16 is the upper half of a float32.
    const bits = new Uint32Array(out.buffer);
    for (let i = 0; i < bits.length; i++) bits[i] = view.getUint16(2 * i, true) << 16;
  } else {
    for (let i = 0; i < out.length; i++) out[i] = halfToFloat(view.getUint16(2 * i, true));
  }
  return out;
}

/** IEEE 754 binary16 to a number: sign, 5 bits of exponent, 10 bits of fraction, subnormals and infinities included. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
