/**
 * A model's weights as tfjs tensors: f32, under the names of `Weights`, with every matrix turned to `[in, out]`.
 * The wasm backend multiplies by an untransposed matrix through XNNPACK and by a transposed one fourteen times slower
 * (measured, 72×192×768), so matrices are turned once at load; the embedding stays `[V, H]`, because it is also looked up.
 */
import { type Tensor, type Tensor2D, tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import { toFloat32 } from '../checkpoint/half.ts';
import type { Weights } from '../checkpoint/model.ts';
import type { Arch } from '../model/arch.ts';
import { parameters as parametersOf } from '../model/parameters.ts';

export type Parameters = ReadonlyMap<string, Tensor>;

/** What a forward pass asks of a network's weights: tensors, those that do not learn in few bits, low ranks beside them. */
export interface Weighing {
  get(name: string): Tensor | Frozen | undefined;
  /** Δ of a matrix, of the same layout; nothing unless told. */
  readonly lowRanks?: ((name: string) => readonly LowRankTensors[]) | undefined;
}

/** Adds scale · (x a) b to columns `[first, first + columns of b)` of a product. */
export interface LowRankTensors {
  /** `[in, rank]`. */
  readonly a: Tensor2D;
  /** `[rank, out]`. */
  readonly b: Tensor2D;
  readonly scale: number;
  readonly first: number;
  /** While learning: x with some of its numbers left out. */
  readonly drop?: ((x: Tensor2D) => Tensor2D) | undefined;
}

/** A matrix or table that does not learn and lies in few bits until it is used. */
export interface Frozen {
  /** As `Parameters` has it: `[in, out]`, of tables `[rows, width]`. */
  readonly shape: readonly [number, number];
  /** Bytes it takes. */
  readonly bytes: number;
  /** Its values in f32, or `count` of its rows from `first` on, of a table; the caller disposes them. */
  open(first?: number, count?: number): Tensor2D;
  /** Rows `ids` of a table. */
  rows(ids: Int32Array): Tensor2D;
  dispose(): void;
}

export function isFrozen(weight: Tensor | Frozen): weight is Frozen {
  return 'open' in weight;
}

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
