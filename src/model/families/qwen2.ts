/** Qwen2 and Qwen2.5 (arXiv 2412.15115): biases on queries, keys and values; `a2d-qwen2` is dLLM's conversion. */
import type { Family } from '../family.ts';
import { type DecoderForm, decoderNames, isDiffusion, qwenWindows, readDecoder, writeDecoder } from './decoder.ts';
import { tensorSources } from './names.ts';

/** Dream is one of these under another name. */
export const QWEN2: DecoderForm = {
  defaults: {
    vocab: 151_936,
    width: 4096,
    intermediate: 22_016,
    layers: 32,
    heads: 32,
    kvHeads: 32,
    maxLength: 32_768,
    eps: 1e-6,
    theta: 10_000,
  },
  bias: () => ({ qkv: true, out: false, mlp: false }),
  windows: qwenWindows,
};

export const qwen2: Family = {
  modelTypes: ['qwen2', 'a2d-qwen2'],
  read: (json) => readDecoder(json, QWEN2),
  write: (arch, modelType) =>
    writeDecoder(arch, modelType, isDiffusion(modelType) ? 'A2DQwen2LMHeadModel' : 'Qwen2ForCausalLM'),
  tensors: (arch, has) => tensorSources(arch, has, decoderNames(has)),
};
