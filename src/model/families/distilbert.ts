/**
 * DistilBERT (arXiv 1910.01108) as DistilBertForMaskedLM (configuration_distilbert.py, modeling_distilbert.py): BERT's layers
 * and head, without segments, under keys and names of its own.
 */
import type { Arch, LayerSpec } from '../arch.ts';
import type { Family } from '../family.ts';
import { activationName, type Json } from '../json.ts';
import { bodyPrefix, readEncoder } from './encoder.ts';
import { type Place, tensorSources } from './names.ts';

/** Its keys, and BERT's for the same. */
const KEYS = {
  dim: 'hidden_size',
  hidden_dim: 'intermediate_size',
  n_heads: 'num_attention_heads',
  n_layers: 'num_hidden_layers',
  activation: 'hidden_act',
} as const;

export const distilbert: Family = {
  modelTypes: ['distilbert'],

  read(json): Arch {
    const renamed: Json = Object.fromEntries(
      Object.entries(KEYS).flatMap(([own, name]) => (own in json ? [[name, json[own]]] : [])),
    );
    const usual = { num_hidden_layers: 6, layer_norm_eps: 1e-12 };
    const defaults = { vocab: 30_522, tokenTypes: 1, ids: { pad: 0 } };
    const { tokenTypes: _, ...arch } = readEncoder({ ...json, ...usual, ...renamed }, defaults, () => 0);
    return arch;
  },

  write(arch) {
    const [{ attention, mlp }] = arch.layers as readonly [LayerSpec];
    const { ids } = arch;
    const known = Object.entries(ids).filter(([name, id]) => name !== 'ends' && id !== undefined);
    return {
      model_type: 'distilbert',
      architectures: ['DistilBertForMaskedLM'],
      vocab_size: arch.vocab,
      dim: arch.width,
      hidden_dim: mlp.width,
      n_heads: attention.heads,
      n_layers: arch.layers.length,
      activation: activationName(mlp.activation),
      max_position_embeddings: arch.positions?.rows,
      sinusoidal_pos_embds: false,
      tie_word_embeddings: arch.tied,
      pad_token_id: null,
      ...Object.fromEntries(known.map(([name, id]) => [`${name}_token_id`, id])),
    };
  },

  tensors(arch, has) {
    const body = bodyPrefix('distilbert.', has);
    return tensorSources(arch, has, (place) => nameOf(body, place));
  },
};

function nameOf(body: string, { part, layer }: Place): string | readonly string[] {
  const at = `${body}transformer.layer.${layer}.`;
  switch (part) {
    case 'embeddings':
      return `${body}embeddings.word_embeddings`;
    case 'positions':
      return `${body}embeddings.position_embeddings`;
    case 'embeddings.norm':
      return `${body}embeddings.LayerNorm`;
    case 'qkv':
      return ['q_lin', 'k_lin', 'v_lin'].map((each) => `${at}attention.${each}`);
    case 'attnOut':
      return `${at}attention.out_lin`;
    case 'attnNorm':
      return `${at}sa_layer_norm`;
    case 'mlpIn':
      return `${at}ffn.lin1`;
    case 'mlpOut':
      return `${at}ffn.lin2`;
    case 'mlpNorm':
      return `${at}output_layer_norm`;
    case 'head.dense':
      return 'vocab_transform';
    case 'head.norm':
      return 'vocab_layer_norm';
    default:
      return 'vocab_projector'; // decoder
  }
}
