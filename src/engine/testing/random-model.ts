/** Models of any size with random weights, for sizes that no fixture has. */
import { fromFloat32 } from '../../checkpoint/half.ts';
import type { DType, ModelConfig, TensorInfo, Weights } from '../../checkpoint/model.ts';
import type { Fixture } from '../../checkpoint/testing/golden.ts';
import { noise } from './numbers.ts';

export interface Sizes {
  readonly hidden: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly vocab: number;
  readonly maxLength?: number;
  readonly dtype?: DType;
}

/** Tied, without biases, every third layer full and the others sliding by 64, as published ModernBERTs are. */
export function randomModel({
  hidden,
  heads,
  intermediate,
  layers,
  vocab,
  maxLength = 1024,
  dtype = 'F16',
}: Sizes): Fixture {
  const ids = { mask: 4, pad: 0, cls: 2, sep: 3, bos: 2, eos: 3 };
  const config: ModelConfig = {
    modelType: 'modernbert',
    causal: false,
    vocabSize: vocab,
    hiddenSize: hidden,
    heads,
    headDim: hidden / heads,
    intermediateSize: intermediate,
    layers: Array.from({ length: layers }, (_, i) =>
      i % 3 === 0
        ? { kind: 'full_attention', ropeTheta: 160_000, left: Infinity, right: Infinity }
        : { kind: 'sliding_attention', ropeTheta: 10_000, left: 64, right: 64 },
    ),
    normEps: 1e-5,
    maxLength,
    attentionBias: false,
    mlpBias: false,
    normBias: false,
    headBias: false,
    decoderBias: true,
    tied: true,
    ids,
  };

  const shapes = new Map<string, number[]>([
    ['embeddings', [vocab, hidden]],
    ['embeddings.norm', [hidden]],
    ['finalNorm', [hidden]],
    ['head.dense', [hidden, hidden]],
    ['head.norm', [hidden]],
    ['decoder.bias', [vocab]],
  ]);
  for (let i = 0; i < layers; i++) {
    const at = `layers.${i}.`;
    if (i > 0) shapes.set(`${at}attnNorm`, [hidden]);
    shapes.set(`${at}qkv`, [3 * hidden, hidden]);
    shapes.set(`${at}attnOut`, [hidden, hidden]);
    shapes.set(`${at}mlpNorm`, [hidden]);
    shapes.set(`${at}mlpIn`, [2 * intermediate, hidden]);
    shapes.set(`${at}mlpOut`, [hidden, intermediate]);
  }

  const tensors = new Map<string, TensorInfo>();
  for (const [name, shape] of shapes) {
    const elements = shape.reduce((a, b) => a * b, 1);
    tensors.set(name, { dtype, shape, byteLength: elements * (dtype === 'F32' ? 4 : 2) });
  }
  const parameters = [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const weights: Weights = {
    tensors,
    parameters,
    async read(name) {
      const shape = shapes.get(name) as number[];
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
  return { config, weights };
}
