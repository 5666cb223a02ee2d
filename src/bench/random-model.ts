/**
 * Networks with random weights: a model's speed does not depend on what it has learnt. All values are
 * exact in f16, so that the same weights can be stored in f32 and f16; drawn from the seeded generator of
 * src/diffusion/rng.ts, tensor by tensor when asked, so that a large model needs little memory.
 */

import { f16ToF32Bits, f32ToF16Bits } from '../checkpoint/half.ts';
import type { DType, TensorInfo, Weights } from '../checkpoint/model.ts';
import { Stream, stepKey, threefry2x32 } from '../diffusion/rng.ts';
import type { Arch } from '../model/arch.ts';
import { readConfig } from '../model/families/index.ts';
import type { Json } from '../model/json.ts';
import { parameterCount, parameters } from '../model/parameters.ts';

export function randomModel(config: Json, dtype: Exclude<DType, 'BF16'>, seed = 1): { arch: Arch; weights: Weights } {
  const arch = readConfig(config).arch;
  const list = parameters(arch);
  const shapes = new Map(list.map(({ name, shape }) => [name, shape]));
  const kinds = new Map(list.map(({ name, kind }) => [name, kind]));
  const elements = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
  const tensors = new Map<string, TensorInfo>();
  for (const [name, shape] of shapes) {
    tensors.set(name, { dtype, shape, byteLength: elements(shape) * (dtype === 'F32' ? 4 : 2) });
  }
  const names = [...shapes.keys()];
  return {
    arch,
    weights: {
      tensors,
      parameters: parameterCount(arch),
      async read(name) {
        const shape = shapes.get(name) as readonly number[];
        const [, columns] = shape;
        // Norms about 1, biases about 0; a matrix keeps the scale of what it multiplies.
        const centre = kinds.get(name) === 'norm' ? 1 : 0;
        const spread = columns === undefined ? 0.3 : 1.5 / Math.sqrt(columns);
        return noise(elements(shape), seed, names.indexOf(name), centre, spread, dtype);
      },
    },
  };
}

/** Uniform values of this mean and standard deviation, rounded to f16, as bytes of `dtype`. */
function noise(length: number, seed: number, tensor: number, centre: number, spread: number, dtype: DType) {
  const key = stepKey(seed, tensor, Stream.Order);
  const single = new Float32Array(1);
  const bits = new Uint32Array(single.buffer);
  const stored = dtype === 'F32' ? new Uint32Array(length) : new Uint16Array(length);
  for (let i = 0; i < length; i += 2) {
    const words = threefry2x32(key, [i, 0]);
    for (let j = 0; j < 2; j++) {
      single[0] = centre + spread * Math.sqrt(12) * ((words[j] as number) / 2 ** 32 - 0.5);
      const half = f32ToF16Bits(bits[0] as number);
      stored[i + j] = dtype === 'F32' ? f16ToF32Bits(half) : half; // past the end of an odd length: ignored
    }
  }
  return new Uint8Array(stored.buffer);
}
