/**
 * What Llama, Qwen and the diffusion models made from them share: pre-norm layers with RMS norms, rotary positions,
 * grouped queries and a gate. As language models they see what came before and row p speaks of position p + 1; dLLM's
 * `a2d-…` (arXiv 2602.22661) are the same weights where every position sees all and speaks of itself.
 */
import { said } from '../../text/said.ts';
import { type Arch, type AttentionSpec, type LayerSpec, type Norm, SEES_ALL, type Sees } from '../arch.ts';
import { activation, activationName, flag, type Json, only, quote, real, tokenId, whole } from '../json.ts';
import { Refusal } from '../refusal.ts';
import type { Place } from './names.ts';
import { readPositions, writePositions } from './rope.ts';

/** What stands for keys that a file leaves out, in the configuration class of transformers. */
export interface Defaults {
  readonly vocab: number;
  readonly width: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads?: number;
  readonly headDim?: number;
  readonly maxLength: number;
  readonly eps: number;
  readonly theta: number;
  readonly bos?: number;
  readonly eos?: number;
}

export interface DecoderForm {
  readonly defaults: Defaults;
  /** Which of its products have biases. */
  readonly bias: (json: Json) => { readonly qkv: boolean; readonly out: boolean; readonly mlp: boolean };
  readonly queryKeyNorm?: boolean;
  /** Keys before the query that a layer sees, itself not counted; Infinity where it is not told. */
  readonly windows?: (json: Json, layers: number) => readonly number[];
}

export const isDiffusion = (modelType: unknown) => typeof modelType === 'string' && modelType.startsWith('a2d-');

/** Throws `Refusal`. */
export function readDecoder(
  json: Json,
  form: DecoderForm,
  { sees, logitShift }: Pick<Arch, 'logitShift'> & { readonly sees?: Sees } = languageModel(json),
): Arch {
  const { defaults } = form;
  const vocab = whole(json, 'vocab_size', defaults.vocab, 1, 2 ** 21);
  const width = whole(json, 'hidden_size', defaults.width, 2, 16_384);
  const heads = whole(json, 'num_attention_heads', defaults.heads, 1, 256);
  const count = whole(json, 'num_hidden_layers', defaults.layers, 1, 256);
  const norm: Norm = { kind: 'rms', eps: real(json, 'rms_norm_eps', defaults.eps, Number.MIN_VALUE, 0.1), bias: false };
  const { rotary, maxLength } = readPositions(json, defaults);
  const bias = form.bias(json);
  const windows = sees === undefined ? form.windows?.(json, count) : undefined;
  const attention: Omit<AttentionSpec, 'sees'> = {
    heads,
    kvHeads: kvHeadsOf(json, heads, defaults.kvHeads ?? heads),
    headDim: headDimOf(json, width, heads, defaults.headDim),
    norm,
    ...(form.queryKeyNorm === true && { queryKeyNorm: norm }),
    bias: { qkv: bias.qkv, out: bias.out },
    rotary,
  };
  const mlp = {
    form: 'gated',
    activation: activation(json, 'hidden_act', 'silu'),
    width: whole(json, 'intermediate_size', defaults.intermediate, 1, 262_144),
    norm,
    bias: { in: bias.mlp, out: bias.mlp },
  } as const;
  return {
    vocab,
    width,
    maxLength,
    layers: Array.from({ length: count }, (_, i): LayerSpec => {
      const before = windows?.[i] ?? Number.POSITIVE_INFINITY;
      return { order: 'pre', attention: { ...attention, sees: sees ?? { window: [before, 0] } }, mlp };
    }),
    finalNorm: norm,
    head: { decoderBias: false },
    tied: flag(json, 'tie_word_embeddings', false),
    logitShift,
    ids: {
      mask: tokenId(json, 'mask_token_id', undefined, vocab),
      pad: tokenId(json, 'pad_token_id', undefined, vocab),
      cls: undefined,
      sep: undefined,
      bos: tokenId(json, 'bos_token_id', defaults.bos, vocab),
      eos: tokenId(json, 'eos_token_id', defaults.eos, vocab),
    },
  };
}

/** Left to right, or, of dLLM's conversions, all at once. */
function languageModel(json: Json): Pick<Arch, 'logitShift'> & { readonly sees?: Sees } {
  return isDiffusion(json['model_type']) ? { sees: SEES_ALL, logitShift: 0 } : { logitShift: 1 };
}

function kvHeadsOf(json: Json, heads: number, fallback: number): number {
  const kvHeads = whole(json, 'num_key_value_heads', fallback, 1, 256);
  if (heads % kvHeads === 0) return kvHeads;
  throw new Refusal(said`num_attention_heads ${heads} must be a multiple of num_key_value_heads ${kvHeads}.`);
}

function headDimOf(json: Json, width: number, heads: number, fallback: number | undefined): number {
  const headDim = json['head_dim'] ?? fallback ?? width / heads;
  if (!Number.isInteger(headDim)) {
    throw new Refusal(said`hidden_size ${width} must be a multiple of num_attention_heads ${heads}.`);
  }
  const size = whole({ head_dim: headDim }, 'head_dim', 0, 1, 1024);
  if (size % 2 === 0) return size;
  throw new Refusal(said`Heads are ${size} wide; rotary positions need an even width.`);
}

/** `sliding_window` counts the query itself; it holds in the layers that `layer_types` names, or from max_window_layers on. */
export function qwenWindows(json: Json, layers: number): readonly number[] {
  const window = flag(json, 'use_sliding_window', false)
    ? whole(json, 'sliding_window', 4096, 1, 2 ** 21) - 1
    : undefined;
  const kinds = json['layer_types'] ?? undefined;
  if (kinds !== undefined && (!Array.isArray(kinds) || kinds.length !== layers)) {
    throw new Refusal(said`layer_types is ${quote(kinds)}; it must name one kind for each of the ${layers} layers.`);
  }
  const from = whole(json, 'max_window_layers', 28, 0, 2 ** 21);
  return Array.from({ length: layers }, (_, i) => {
    const kind: unknown = kinds?.[i] ?? (i >= from ? 'sliding_attention' : 'full_attention');
    only({ layer_types: kind }, 'layer_types', 'full_attention', 'sliding_attention');
    return (kind === 'sliding_attention' ? window : undefined) ?? Number.POSITIVE_INFINITY;
  });
}

/** config.json of the kind that `readDecoder` reads. */
export function writeDecoder(arch: Arch, modelType: string, architecture: string): Json {
  const [{ attention, mlp }] = arch.layers as readonly [LayerSpec];
  const { ids } = arch;
  const windows = arch.layers.map(({ attention: { sees } }) => ('window' in sees ? sees.window[0] : Infinity));
  const narrow = windows.find(Number.isFinite);
  return {
    model_type: modelType,
    architectures: [architecture],
    vocab_size: arch.vocab,
    hidden_size: arch.width,
    intermediate_size: mlp.width,
    num_hidden_layers: arch.layers.length,
    num_attention_heads: attention.heads,
    num_key_value_heads: attention.kvHeads,
    head_dim: attention.headDim,
    hidden_act: activationName(mlp.activation),
    max_position_embeddings: arch.maxLength,
    rms_norm_eps: arch.finalNorm?.eps,
    tie_word_embeddings: arch.tied,
    attention_bias: attention.bias.qkv,
    mlp_bias: mlp.bias.in,
    ...writePositions(attention.rotary ?? { theta: 10_000 }),
    ...(narrow !== undefined && {
      use_sliding_window: true,
      sliding_window: narrow + 1,
      layer_types: windows.map((window) => (Number.isFinite(window) ? 'sliding_attention' : 'full_attention')),
    }),
    bos_token_id: ids.bos ?? null,
    eos_token_id: ids.eos ?? null,
    pad_token_id: ids.pad ?? null,
    ...(ids.mask !== undefined && { mask_token_id: ids.mask }),
  };
}

/** Names of LlamaForCausalLM and its like; exports of the body alone drop the `model.` prefix. */
export function decoderNames(has: (name: string) => boolean) {
  const body = has('embed_tokens.weight') && !has('model.embed_tokens.weight') ? '' : 'model.';
  return ({ part, layer }: Place): string | readonly string[] => {
    const at = `${body}layers.${layer}.`;
    switch (part) {
      case 'embeddings':
        return `${body}embed_tokens`;
      case 'attnNorm':
        return `${at}input_layernorm`;
      case 'qkv':
        return [`${at}self_attn.q_proj`, `${at}self_attn.k_proj`, `${at}self_attn.v_proj`];
      case 'queryNorm':
        return `${at}self_attn.q_norm`;
      case 'keyNorm':
        return `${at}self_attn.k_norm`;
      case 'attnOut':
        return `${at}self_attn.o_proj`;
      case 'mlpNorm':
        return `${at}post_attention_layernorm`;
      case 'mlpIn':
        return [`${at}mlp.gate_proj`, `${at}mlp.up_proj`];
      case 'mlpOut':
        return `${at}mlp.down_proj`;
      case 'finalNorm':
        return `${body}norm`;
      default:
        return 'lm_head';
    }
  };
}
