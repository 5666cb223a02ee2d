/** Dropout with masks of the one source of randomness, so that a step leaves out the same numbers every time. */
import { mul, type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import { type Pair, word } from '../../diffusion/rng.ts';
import { custom } from './custom.ts';

/** What is kept is divided by the chance to be kept. `number` tells the layers of a step apart. */
export function dropping(key: Pair, number: number, chance: number): (x: Tensor2D) => Tensor2D {
  return (x) => {
    const [rows, columns] = x.shape;
    const kept = 1 / (1 - chance);
    const mask = Float32Array.from({ length: rows * columns }, (_, i) =>
      word(key, i, number) < chance * 2 ** 32 ? 0 : kept,
    );
    return custom([x], ([given], save) => {
      const factors = tensor2d(mask, [rows, columns]);
      save([factors]);
      return { value: mul(given, factors) as Tensor2D, back: (dy, saved) => mul(dy, saved[0] as Tensor2D) };
    });
  };
}
