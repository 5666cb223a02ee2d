/**
 * BERT (arXiv 1810.04805) and RoBERTa (arXiv 1907.11692): post-norm layers with biases, learned positions, segments of
 * which every token gets the first, a head of a dense layer, a norm, and the token table. They differ in names and in
 * where positions begin.
 */
import { said } from '../../text/said.ts';
import { type Arch, type LayerSpec, type Norm, SEES_ALL } from '../arch.ts';
import { activation, activationName, flag, type Json, only, quote, real, tokenId, whole } from '../json.ts';
import { Refusal } from '../refusal.ts';
import type { Place } from './names.ts';

/** What BertConfig and its like take for keys that a file leaves out. */
export interface EncoderDefaults {
  readonly vocab: number;
  readonly tokenTypes: number;
  readonly ids: { readonly pad: number; readonly bos?: number; readonly eos?: number };
}

/** `offset`: the row of the first position, of the table's. Throws `Refusal`. */
export function readEncoder(json: Json, defaults: EncoderDefaults, offset: (pad: number) => number): Arch {
  only(json, 'position_embedding_type', 'absolute');
  for (const key of ['is_decoder', 'add_cross_attention']) only(json, key, false);
  const vocab = whole(json, 'vocab_size', defaults.vocab, 1, 2 ** 21);
  const width = whole(json, 'hidden_size', 768, 1, 16_384);
  const heads = whole(json, 'num_attention_heads', 12, 1, 256);
  if (width % heads !== 0) {
    throw new Refusal(said`hidden_size ${width} must be a multiple of num_attention_heads ${heads}.`);
  }
  const norm: Norm = { kind: 'layer', eps: real(json, 'layer_norm_eps', 1e-12, Number.MIN_VALUE, 0.1), bias: true };
  const form = activation(json, 'hidden_act', 'gelu');
  const rows = whole(json, 'max_position_embeddings', 512, 1, 2 ** 20);
  const pad = tokenId(json, 'pad_token_id', defaults.ids.pad, vocab);
  const first = offset(pad ?? defaults.ids.pad);
  if (rows <= first)
    throw new Refusal(said`max_position_embeddings is ${quote(rows)}; positions begin at row ${first}.`);
  const layer: LayerSpec = {
    order: 'post',
    attention: {
      heads,
      kvHeads: heads,
      headDim: width / heads,
      norm,
      bias: { qkv: true, out: true },
      sees: SEES_ALL,
    },
    mlp: {
      form: 'plain',
      activation: form,
      width: whole(json, 'intermediate_size', 3072, 1, 262_144),
      norm,
      bias: { in: true, out: true },
    },
  };
  return {
    vocab,
    width,
    maxLength: rows - first,
    positions: { rows, offset: first },
    tokenTypes: whole(json, 'type_vocab_size', defaults.tokenTypes, 1, 2 ** 20),
    embeddingNorm: norm,
    layers: Array.from({ length: whole(json, 'num_hidden_layers', 12, 1, 256) }, () => layer),
    head: { dense: { activation: form, bias: true, norm }, decoderBias: true },
    tied: flag(json, 'tie_word_embeddings', true),
    logitShift: 0,
    ids: {
      mask: tokenId(json, 'mask_token_id', undefined, vocab),
      pad,
      cls: tokenId(json, 'cls_token_id', undefined, vocab),
      sep: tokenId(json, 'sep_token_id', undefined, vocab),
      bos: tokenId(json, 'bos_token_id', defaults.ids.bos, vocab),
      eos: tokenId(json, 'eos_token_id', defaults.ids.eos, vocab),
    },
  };
}

/** config.json of the kind that `readEncoder` reads. */
export function writeEncoder(arch: Arch, modelType: string, architecture: string): Json {
  const [{ attention, mlp }] = arch.layers as readonly [LayerSpec];
  const { ids } = arch;
  const known = Object.entries({ mask: ids.mask, cls: ids.cls, sep: ids.sep }).filter(([, id]) => id !== undefined);
  return {
    model_type: modelType,
    architectures: [architecture],
    vocab_size: arch.vocab,
    hidden_size: arch.width,
    num_hidden_layers: arch.layers.length,
    num_attention_heads: attention.heads,
    intermediate_size: mlp.width,
    hidden_act: activationName(mlp.activation),
    max_position_embeddings: arch.positions?.rows,
    type_vocab_size: arch.tokenTypes,
    layer_norm_eps: arch.embeddingNorm?.eps,
    position_embedding_type: 'absolute',
    tie_word_embeddings: arch.tied,
    pad_token_id: ids.pad ?? null,
    bos_token_id: ids.bos ?? null,
    eos_token_id: ids.eos ?? null,
    ...Object.fromEntries(known.map(([name, id]) => [`${name}_token_id`, id])),
  };
}

/** Names of the body, which both share; `body` is its prefix, such as `bert.`. */
export function encoderNames(body: string, { part, layer }: Place): string | readonly string[] {
  const at = `${body}encoder.layer.${layer}.`;
  switch (part) {
    case 'embeddings':
      return `${body}embeddings.word_embeddings`;
    case 'positions':
      return `${body}embeddings.position_embeddings`;
    case 'tokenTypes':
      return `${body}embeddings.token_type_embeddings`;
    case 'embeddings.norm':
      return `${body}embeddings.LayerNorm`;
    case 'qkv':
      return ['query', 'key', 'value'].map((each) => `${at}attention.self.${each}`);
    case 'attnOut':
      return `${at}attention.output.dense`;
    case 'attnNorm':
      return `${at}attention.output.LayerNorm`;
    case 'mlpIn':
      return `${at}intermediate.dense`;
    case 'mlpOut':
      return `${at}output.dense`;
    default:
      return `${at}output.LayerNorm`; // mlpNorm
  }
}

/** `prefix`, unless the file has the body without it, as BertModel and sentence-transformers save it. */
export function bodyPrefix(prefix: string, has: (name: string) => boolean): string {
  const words = 'embeddings.word_embeddings.weight';
  return has(words) && !has(`${prefix}${words}`) ? '' : prefix;
}
