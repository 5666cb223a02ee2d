/**
 * The weights of a model that has learnt nothing, drawn as Hugging Face's ModernBertPreTrainedModel._init_weights does:
 * normal values cut at two standard deviations, 0.02 wide and narrower by √(2 · layers) where a layer adds to the
 * stream; norms begin at one, biases at zero.
 */

import type { TensorInfo, Weights } from '../checkpoint/model.ts';
import { type Pair, Stream, stepKey, uniform, word } from '../diffusion/rng.ts';
import type { Arch } from '../model/arch.ts';
import { type Parameter, parameterCount, parameters, sizeOf } from '../model/parameters.ts';

const RANGE = 0.02;
/** In standard deviations. */
const CUT = 2;

/** F32 weights under the names of `Weights`; the same for the same configuration and seed. */
export function initialWeights(arch: Arch, seed: number): Weights {
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
      // Hugging Face counts the head's two matrices among those that write to the stream.
      const isNarrow = parameter.residual || name === 'head.dense' || name === 'decoder';
      const width = isNarrow ? narrow(arch) : RANGE;
      const key = stepKey(seed, number, Stream.Init);
      for (let i = 0; i < values.length; i++) values[i] = width * cutNormal(key, i);
    }
    return new Uint8Array(values.buffer);
  };
  return { tensors, parameters: parameterCount(arch), read };
}

function narrow({ layers }: Arch): number {
  return RANGE / Math.sqrt(2 * layers.length);
}

/** A standard normal value (Box & Muller 1958), drawn again until it lies within the cut. */
function cutNormal(key: Pair, slot: number): number {
  for (let draw = 0; ; draw += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform(word(key, slot, draw))));
    const value = radius * Math.cos(2 * Math.PI * uniform(word(key, slot, draw + 1)));
    if (Math.abs(value) <= CUT) return value;
  }
}
