/**
 * A model's weights as tfjs tensors: f32, under the names of `Weights`, with every matrix turned to `[in, out]`.
 * The wasm backend multiplies by an untransposed matrix through XNNPACK and by a transposed one fourteen times slower
 * (measured, 72×192×768), so matrices are turned once at load; the embedding stays `[V, H]`, because it is also looked up.
 */
import { type Tensor, tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import { toFloat32 } from '../checkpoint/half.ts';
import type { Weights } from '../checkpoint/model.ts';

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
      const values = toFloat32(await weights.read(name, signal), info.dtype);
      const shape = [...info.shape];
      const turn = turns(name, shape);
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

/** Whether a tensor of this name and shape is kept the other way round than in `Weights`. */
export function turns(name: string, shape: readonly number[]): boolean {
  return shape.length === 2 && name !== 'embeddings' && name !== 'decoder';
}

export function disposeParameters(parameters: Parameters): void {
  for (const value of parameters.values()) value.dispose();
}
