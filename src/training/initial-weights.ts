/**
 * The weights of a model that has learnt nothing, drawn as Hugging Face's ModernBertPreTrainedModel._init_weights does:
 * normal values cut at two standard deviations, 0.02 wide and narrower by √(2 · layers) where a layer adds to the
 * stream; norms begin at one, biases at zero.
 */
import type { ModelConfig, TensorInfo, Weights } from '../checkpoint/model.ts';
import { wantedTensors } from '../checkpoint/tensor-names.ts';
import { type Pair, Stream, stepKey, uniform, word } from '../diffusion/rng.ts';

const RANGE = 0.02;
/** In standard deviations. */
const CUT = 2;

/** F32 weights under the names of `Weights`; the same for the same configuration and seed. */
export function initialWeights(config: ModelConfig, seed: number): Weights {
  const wanted = wantedTensors(config, () => false);
  const tensors = new Map<string, TensorInfo>();
  let parameters = 0;
  for (const { name, shape } of wanted) {
    const size = shape.reduce((product, dim) => product * dim, 1);
    tensors.set(name, { dtype: 'F32', shape, byteLength: 4 * size });
    parameters += size;
  }
  const read = async (name: string) => {
    const number = wanted.findIndex((each) => each.name === name);
    const { shape } = wanted[number] as (typeof wanted)[number];
    const values = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
    if (shape.length === 1) values.fill(name.endsWith('.bias') ? 0 : 1);
    else {
      const width = name.endsWith('Out') || name === 'head.dense' || name === 'decoder' ? narrow(config) : RANGE;
      const key = stepKey(seed, number, Stream.Init);
      for (let i = 0; i < values.length; i++) values[i] = width * cutNormal(key, i);
    }
    return new Uint8Array(values.buffer);
  };
  return { tensors, parameters, read };
}

function narrow({ layers }: ModelConfig): number {
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
