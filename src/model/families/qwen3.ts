/** Qwen3 (arXiv 2505.09388): a norm on each head's query and key, heads of a size of their own; `a2d-qwen3` likewise. */
import type { Family } from '../family.ts';
import { flag } from '../json.ts';
import { type DecoderForm, decoderNames, isDiffusion, qwenWindows, readDecoder, writeDecoder } from './decoder.ts';
import { tensorSources } from './names.ts';

const FORM: DecoderForm = {
  defaults: {
    vocab: 151_936,
    width: 4096,
    intermediate: 22_016,
    layers: 32,
    heads: 32,
    kvHeads: 32,
    headDim: 128,
    maxLength: 32_768,
    eps: 1e-6,
    theta: 10_000,
  },
  bias(json) {
    const attention = flag(json, 'attention_bias', false);
    return { qkv: attention, out: attention, mlp: false };
  },
  queryKeyNorm: true,
  windows: qwenWindows,
};

export const qwen3: Family = {
  modelTypes: ['qwen3', 'a2d-qwen3'],
  read: (json) => readDecoder(json, FORM),
  write: (arch, modelType) =>
    writeDecoder(arch, modelType, isDiffusion(modelType) ? 'A2DQwen3LMHeadModel' : 'Qwen3ForCausalLM'),
  tensors: (arch, has) => tensorSources(arch, has, decoderNames(has)),
};
