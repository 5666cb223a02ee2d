/**
 * LLaDA (arXiv 2502.09992): a Llama in OLMo's keys and names whose positions all see each other (configuration_llada.py
 * and modeling_llada.py of GSAI-ML/LLaDA-8B-Base, block_type llama). Its table may have more rows than its tokenizer.
 */
import { said } from '../../text/said.ts';
import { type LayerSpec, type Norm, SEES_ALL } from '../arch.ts';
import type { Family } from '../family.ts';
import { activation, flag, type Json, only, real, tokenId, whole } from '../json.ts';
import { Refusal } from '../refusal.ts';
import { type Place, tensorSources } from './names.ts';

export const llada: Family = {
  modelTypes: ['llada'],

  read(json) {
    refuseOtherForms(json);
    const tokens = whole(json, 'vocab_size', 50_257, 1, 2 ** 21);
    const vocab = Math.max(tokens, whole(json, 'embedding_size', tokens, 1, 2 ** 21));
    const width = whole(json, 'd_model', 768, 2, 16_384);
    const heads = whole(json, 'n_heads', 12, 1, 256);
    const kvHeads = whole(json, 'n_kv_heads', flag(json, 'multi_query_attention', false) ? 1 : heads, 1, 256);
    if (width % heads !== 0 || (width / heads) % 2 !== 0 || heads % kvHeads !== 0) {
      throw new Refusal(said`d_model ${width}, n_heads ${heads} and n_kv_heads ${kvHeads} do not fit together.`);
    }
    const norm: Norm = { kind: 'rms', eps: real(json, 'rms_norm_eps', 1e-5, Number.MIN_VALUE, 0.1), bias: false };
    const bias = flag(json, 'include_bias', false);
    const layer: LayerSpec = {
      order: 'pre',
      attention: {
        heads,
        kvHeads,
        headDim: width / heads,
        norm,
        bias: { qkv: bias || flag(json, 'include_qkv_bias', false), out: bias },
        rotary: { theta: real(json, 'rope_theta', 10_000, Number.MIN_VALUE, 1e12) },
        sees: SEES_ALL,
      },
      mlp: {
        form: 'gated',
        activation: activation(json, 'activation_type', 'silu'),
        width: whole(json, 'mlp_hidden_size', whole(json, 'mlp_ratio', 4, 1, 64) * width, 1, 262_144),
        norm,
        bias: { in: bias, out: bias },
      },
    };
    return {
      vocab,
      width,
      maxLength: whole(json, 'max_sequence_length', 1024, 1, 2 ** 21),
      layers: Array.from({ length: whole(json, 'n_layers', 12, 1, 256) }, () => layer),
      finalNorm: norm,
      head: { decoderBias: bias },
      tied: flag(json, 'weight_tying', true),
      logitShift: 0,
      ids: {
        mask: tokenId(json, 'mask_token_id', 50_256, vocab),
        pad: tokenId(json, 'pad_token_id', 50_256, vocab),
        cls: undefined,
        sep: undefined,
        bos: tokenId(json, 'bos_token_id', undefined, vocab),
        eos: tokenId(json, 'eos_token_id', 50_256, vocab),
      },
    };
  },

  write(arch, modelType) {
    const [{ attention, mlp }] = arch.layers as readonly [LayerSpec];
    return {
      model_type: modelType,
      architectures: ['LLaDAModelLM'],
      vocab_size: arch.vocab,
      embedding_size: arch.vocab,
      d_model: arch.width,
      n_layers: arch.layers.length,
      n_heads: attention.heads,
      n_kv_heads: attention.kvHeads,
      mlp_hidden_size: mlp.width,
      activation_type: mlp.activation,
      block_type: 'llama',
      layer_norm_type: 'rms',
      rms_norm_eps: arch.finalNorm?.eps,
      rope: true,
      rope_theta: attention.rotary?.theta,
      max_sequence_length: arch.maxLength,
      include_bias: mlp.bias.in,
      include_qkv_bias: attention.bias.qkv,
      weight_tying: arch.tied,
      mask_token_id: arch.ids.mask ?? null,
      pad_token_id: arch.ids.pad ?? null,
      eos_token_id: arch.ids.eos ?? null,
      bos_token_id: arch.ids.bos ?? null,
    };
  },

  tensors: (arch, has) => tensorSources(arch, has, nameOf),
};

/** What LLaDA's code could do, and no published LLaDA does. */
function refuseOtherForms(json: Json): void {
  only(json, 'block_type', 'llama');
  only(json, 'layer_norm_type', 'rms');
  only(json, 'rope', true);
  only(json, 'block_group_size', 1);
  for (const key of ['alibi', 'attention_layer_norm', 'input_emb_norm', 'scale_logits', 'bias_for_layer_norm']) {
    only(json, key, false);
  }
  only(json, 'clip_qkv', null);
}

function nameOf({ part, layer }: Place): string | readonly string[] {
  const body = 'model.transformer.';
  const at = `${body}blocks.${layer}.`;
  switch (part) {
    case 'embeddings':
      return `${body}wte`;
    case 'attnNorm':
      return `${at}attn_norm`;
    case 'qkv':
      return ['q_proj', 'k_proj', 'v_proj'].map((each) => `${at}${each}`);
    case 'attnOut':
      return `${at}attn_out`;
    case 'mlpNorm':
      return `${at}ff_norm`;
    case 'mlpIn':
      // Here ff_proj is activated, and up_proj is what it is multiplied by.
      return [`${at}ff_proj`, `${at}up_proj`];
    case 'mlpOut':
      return `${at}ff_out`;
    case 'finalNorm':
      return `${body}ln_f`;
    default:
      return `${body}ff_out`; // decoder
  }
}
