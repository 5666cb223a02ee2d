/** Models of any size with random weights, for sizes that no fixture has. */

import { fromFloat32 } from '../../checkpoint/half.ts';
import type { DType, TensorInfo, Weights } from '../../checkpoint/model.ts';
import { type PublishedSize, publishedConfig } from '../../checkpoint/published-config.ts';
import type { Fixture } from '../../checkpoint/testing/golden.ts';
import { readConfig } from '../../model/families/index.ts';
import { parameterCount, parameters } from '../../model/parameters.ts';
import { noise } from './numbers.ts';

/** Published ModernBERTs of this size. */
export function randomModel({
  dtype = 'F16',
  ...size
}: PublishedSize & { readonly dtype?: DType }): Pick<Fixture, 'arch' | 'weights'> {
  const arch = readConfig(publishedConfig(size)).arch;
  const shapes = new Map(parameters(arch).map(({ name, shape }) => [name, shape]));
  const tensors = new Map<string, TensorInfo>();
  for (const [name, shape] of shapes) {
    const elements = shape.reduce((a, b) => a * b, 1);
    tensors.set(name, { dtype, shape, byteLength: elements * (dtype === 'F32' ? 4 : 2) });
  }
  const weights: Weights = {
    tensors,
    parameters: parameterCount(arch),
    async read(name) {
      const shape = shapes.get(name) as readonly number[];
      const seed = [...shapes.keys()].indexOf(name) + 1;
      const elements = shape.reduce((a, b) => a * b, 1);
      if (shape.length === 1)
        return fromFloat32(
          noise(elements, seed, 0.3).map((value) => 1 + value),
          dtype,
        );
      return fromFloat32(noise(elements, seed, 1.5 / Math.sqrt(shape[1] as number)), dtype);
    },
  };
  return { arch, weights };
}
