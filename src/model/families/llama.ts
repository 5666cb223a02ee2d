/** Llama (arXiv 2302.13971) and all that calls itself so, SmolLM2 among them; `a2d-llama` is dLLM's conversion of it. */
import type { Family } from '../family.ts';
import { flag } from '../json.ts';
import { type DecoderForm, decoderNames, isDiffusion, readDecoder, writeDecoder } from './decoder.ts';
import { tensorSources } from './names.ts';

const FORM: DecoderForm = {
  defaults: {
    vocab: 32_000,
    width: 4096,
    intermediate: 11_008,
    layers: 32,
    heads: 32,
    maxLength: 2048,
    eps: 1e-6,
    theta: 10_000,
    bos: 1,
    eos: 2,
  },
  bias(json) {
    const attention = flag(json, 'attention_bias', false);
    return { qkv: attention, out: attention, mlp: flag(json, 'mlp_bias', false) };
  },
};

export const llama: Family = {
  modelTypes: ['llama', 'a2d-llama'],
  read: (json) => readDecoder(json, FORM),
  write: (arch, modelType) =>
    writeDecoder(arch, modelType, isDiffusion(modelType) ? 'A2DLlamaLMHeadModel' : 'LlamaForCausalLM'),
  tensors: (arch, has) => tensorSources(arch, has, decoderNames(has)),
};
