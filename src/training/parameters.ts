/**
 * A model's weights as tfjs tensors: f32, under the names of `Weights`, with every matrix turned to `[in, out]`.
 * The wasm backend multiplies by an untransposed matrix through XNNPACK and by a transposed one fourteen times slower
 * (measured, 72×192×768), so matrices are turned once at load; the embedding stays `[V, H]`, because it is also looked up.
 */
import { type Tensor, tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import { toFloat32 } from '../checkpoint/half.ts';
import type { Weights } from '../checkpoint/model.ts';
import type { Arch } from '../model/arch.ts';
import { parameters as parametersOf } from '../model/parameters.ts';

export type Parameters = ReadonlyMap<string, Tensor>;

/**
 * Uploads all weights to the current tfjs backend. The caller owns the tensors (`disposeParameters`).
 * Throws what `weights.read` throws, or the signal's reason; nothing stays allocated then.
 */
export async function loadParameters(arch: Arch, weights: Weights, signal?: AbortSignal): Promise<Parameters> {
  const parameters = new Map<string, Tensor>();
  const turned = turnedIn(arch);
  try {
    for (const [name, info] of weights.tensors) {
      signal?.throwIfAborted();
      const values = toFloat32(await weights.read(name, signal), info.dtype);
      const shape = [...info.shape];
      parameters.set(
        name,
        tidy(() => (turned.has(name) ? transpose(tensor(values, shape, 'float32')) : tensor(values, shape, 'float32'))),
      );
    }
    return parameters;
  } catch (error) {
    disposeParameters(parameters);
    throw error;
  }
}

/** Names of the parameters that are kept the other way round than in `Weights`. */
export function turnedIn(arch: Arch): ReadonlySet<string> {
  return new Set(parametersOf(arch).flatMap(({ kind, name }) => (kind === 'matrix' ? [name] : [])));
}

export function disposeParameters(parameters: Parameters): void {
  for (const value of parameters.values()) value.dispose();
}
