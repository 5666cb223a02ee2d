/**
 * The weights of a model that has learnt nothing, drawn as its makers do: normal values of deviation 0.02; norms begin at
 * one, biases at zero.
 */

import type { TensorInfo, Weights } from '../checkpoint/model.ts';
import { type Pair, Stream, stepKey, uniform, word } from '../diffusion/rng.ts';
import type { Arch } from '../model/arch.ts';
import { type Parameter, parameterCount, parameters, sizeOf } from '../model/parameters.ts';

const RANGE = 0.02;

export interface Initialisation {
  /** No value is farther from 0, in standard deviations. */
  readonly cut: number;
  /** Where a layer adds to the stream values are narrower by √(2 · layers). */
  readonly narrow: boolean;
  /** The row of the padding token is zeros. */
  readonly emptyPadding: boolean;
}

/** By Hugging Face's `_init_weights`: of ModernBertPreTrainedModel, and of those of BERT, RoBERTa, Llama and Qwen. */
export const MODERNBERT_START: Initialisation = { cut: 2, narrow: true, emptyPadding: false };
export const PLAIN_START: Initialisation = { cut: Number.POSITIVE_INFINITY, narrow: false, emptyPadding: true };

/** F32 weights under the names of `Weights`; the same for the same network and seed. */
export function initialWeights(arch: Arch, seed: number, how = MODERNBERT_START): Weights {
  const wanted = parameters(arch);
  const tensors = new Map<string, TensorInfo>();
  for (const each of wanted) {
    tensors.set(each.name, { dtype: 'F32', shape: each.shape, byteLength: 4 * sizeOf(each) });
  }
  const read = async (name: string) => {
    const number = wanted.findIndex((each) => each.name === name);
    const parameter = wanted[number] as Parameter;
    const values = new Float32Array(sizeOf(parameter));
    if (parameter.kind === 'norm') values.fill(1);
    else if (parameter.kind !== 'bias') {
      // ModernBERT's counts the head's two matrices among those that write to the stream.
      const isNarrow = how.narrow && (parameter.residual || name === 'head.dense' || name === 'decoder');
      const width = isNarrow ? RANGE / Math.sqrt(2 * arch.layers.length) : RANGE;
      const key = stepKey(seed, number, Stream.Init);
      for (let i = 0; i < values.length; i++) values[i] = width * cutNormal(key, i, how.cut);
      const { pad } = arch.ids;
      if (how.emptyPadding && name === 'embeddings' && pad !== undefined) {
        values.fill(0, pad * arch.width, (pad + 1) * arch.width);
      }
    }
    return new Uint8Array(values.buffer);
  };
  return { tensors, parameters: parameterCount(arch), read };
}

/** A standard normal value (Box & Muller 1958), drawn again until it lies within the cut. */
function cutNormal(key: Pair, slot: number, cut: number): number {
  for (let draw = 0; ; draw += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform(word(key, slot, draw))));
    const value = radius * Math.cos(2 * Math.PI * uniform(word(key, slot, draw + 1)));
    if (Math.abs(value) <= cut) return value;
  }
}
