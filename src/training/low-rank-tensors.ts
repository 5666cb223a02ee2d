/** The low ranks of a finished adapter as tensors beside a network's own. */
import { tensor2d, tidy, transpose } from '@tensorflow/tfjs-core';
import type { LowRank } from '../checkpoint/adapter/adapter.ts';
import type { LowRankTensors, Weighing } from './parameters.ts';

type ByParameter = ReadonlyMap<string, readonly LowRankTensors[]>;

/** On the current backend, by the parameter they stand beside; the caller disposes them. */
export function lowRankTensors(lowRank: readonly LowRank[]): ByParameter {
  const tensors = new Map<string, LowRankTensors[]>();
  for (const { module, rank, scale, a, b } of lowRank) {
    const { parameter, first, rows, columns } = module;
    const one = {
      a: tidy(() => transpose(tensor2d(a, [rank, columns]))),
      b: tidy(() => transpose(tensor2d(b, [rows, rank]))),
    };
    tensors.set(parameter, [...(tensors.get(parameter) ?? []), { ...one, scale, first }]);
  }
  return tensors;
}

export function disposeLowRanks(tensors: ByParameter): void {
  for (const { a, b } of [...tensors.values()].flat()) {
    a.dispose();
    b.dispose();
  }
}

/** The same weights with the low ranks of the moment, `weight` times. */
export function withLowRanks(weights: Weighing, low: () => ByParameter, weight: () => number): Weighing {
  return {
    get: (name) => weights.get(name),
    lowRanks: (name) => {
      const own = low()
        .get(name)
        ?.map((each) => ({ ...each, scale: each.scale * weight() }));
      return [...(weights.lowRanks?.(name) ?? []), ...(own ?? [])];
    },
  };
}
