/**
 * `config.json` of a ModernBERT, in either key style, as one `ModelConfig`. Defaults and meanings follow Hugging Face's
 * configuration_modernbert.py and modular_modernbert_decoder.py: files on the hub leave out what equals a default.
 */
import { damaged, isObject, type Json, parseObject, quote } from './damage.ts';
import type { LayerConfig, LayerKind, ModelConfig } from './model.ts';

export const CONFIG_FILE = 'config.json';

/** Parses the bytes of a `config.json`. Throws `UnmaskError` code `checkpoint`. */
export function parseConfig(bytes: Uint8Array): ModelConfig {
  return normaliseConfig(parseObject(CONFIG_FILE, bytes));
}

/** The same, from an object that has been parsed. */
export function normaliseConfig(json: Json): ModelConfig {
  const modelType = json['model_type'];
  if (modelType !== 'modernbert' && modelType !== 'modernbert-decoder') {
    throw refuse(`The model type is ${quote(modelType)}. Unmask runs modernbert and modernbert-decoder.`);
  }
  refuseOtherArchitectures(json);
  const causal = modelType === 'modernbert-decoder';
  const hiddenSize = whole(json, 'hidden_size', 768, 2, 16_384);
  const heads = whole(json, 'num_attention_heads', 12, 1, 256);
  const headDim = hiddenSize / heads;
  if (!Number.isInteger(headDim)) {
    throw refuse(`hidden_size ${hiddenSize} must be a multiple of num_attention_heads ${heads}.`);
  }
  if (headDim % 2 !== 0) throw refuse(`Heads are ${headDim} wide; rotary positions need an even width.`);
  if ((json['head_dim'] ?? headDim) !== headDim) {
    throw refuse(
      `head_dim is ${quote(json['head_dim'])}; Unmask runs heads of hidden_size / num_attention_heads only.`,
    );
  }
  const vocabSize = whole(json, 'vocab_size', 50_368, 1, 2 ** 21);
  return {
    modelType,
    causal,
    vocabSize,
    hiddenSize,
    heads,
    headDim,
    intermediateSize: whole(json, 'intermediate_size', 1152, 1, 131_072),
    layers: layersOf(json, causal),
    normEps: real(json, 'norm_eps', 1e-5, Number.MIN_VALUE, 0.1),
    maxLength: whole(json, 'max_position_embeddings', 8192, 1, 2 ** 20),
    attentionBias: flag(json, 'attention_bias', false),
    mlpBias: flag(json, 'mlp_bias', false),
    normBias: flag(json, 'norm_bias', false),
    headBias: flag(json, 'classifier_bias', false),
    decoderBias: flag(json, 'decoder_bias', true),
    tied: flag(json, 'tie_word_embeddings', true),
    ids: {
      mask: tokenId(json, 'mask_token_id', undefined, vocabSize),
      pad: tokenId(json, 'pad_token_id', 50_283, vocabSize),
      cls: tokenId(json, 'cls_token_id', 50_281, vocabSize),
      sep: tokenId(json, 'sep_token_id', 50_282, vocabSize),
      bos: tokenId(json, 'bos_token_id', 50_281, vocabSize),
      eos: tokenId(json, 'eos_token_id', 50_282, vocabSize),
    },
  };
}

function refuse(message: string) {
  return damaged(CONFIG_FILE, message, { remedy: 'Choose a ModernBERT checkpoint, or correct its config.json.' });
}

/** Settings that would change the arithmetic into one that the engine does not have. */
function refuseOtherArchitectures(json: Json): void {
  for (const key of ['hidden_activation', 'classifier_activation']) {
    if ((json[key] ?? 'gelu') !== 'gelu') throw refuse(`${key} is ${quote(json[key])}; Unmask computes gelu only.`);
  }
  // ModernBERT has rotary positions only; published files still carry these words from older families.
  const position = json['position_embedding_type'] ?? 'absolute';
  if (!['absolute', 'sans_pos', 'rope', 'rotary', 'none'].includes(position as string)) {
    throw refuse(`position_embedding_type is ${quote(position)}; Unmask computes rotary positions only.`);
  }
  if ((json['partial_rotary_factor'] ?? 1) !== 1) {
    throw refuse(`partial_rotary_factor is ${quote(json['partial_rotary_factor'])}; Unmask rotates whole heads only.`);
  }
  refuseRopeScaling(json['rope_scaling'], 'rope_scaling');
}

function refuseRopeScaling(value: unknown, key: string): void {
  if (value === undefined || value === null) return;
  const type = isObject(value) ? (value['rope_type'] ?? value['type'] ?? 'default') : value;
  if (type !== 'default') throw refuse(`${key} is of type ${quote(type)}; Unmask computes the default type only.`);
}

function layersOf(json: Json, causal: boolean): LayerConfig[] {
  const kinds = layerKinds(json, whole(json, 'num_hidden_layers', 22, 1, 256));
  const theta = ropeThetas(json, causal);
  const window = windowOf(json, causal);
  return kinds.map((kind) => {
    const sliding = kind === 'sliding_attention';
    const left = sliding ? window : Number.POSITIVE_INFINITY;
    return { kind, ropeTheta: theta[kind], left, right: causal ? 0 : left };
  });
}

function layerKinds(json: Json, count: number): LayerKind[] {
  const kinds = json['layer_types'] ?? undefined;
  if (kinds === undefined) {
    const every = whole(json, 'global_attn_every_n_layers', 3, 1, 256);
    return Array.from({ length: count }, (_, i) => (i % every === 0 ? 'full_attention' : 'sliding_attention'));
  }
  if (!Array.isArray(kinds) || kinds.length !== count) {
    throw refuse(`layer_types is ${quote(kinds)}; it must name one kind for each of the ${count} layers.`);
  }
  for (const kind of kinds) {
    if (kind === 'full_attention' || kind === 'sliding_attention') continue;
    throw refuse(`layer_types holds ${quote(kind)}; Unmask runs full_attention and sliding_attention.`);
  }
  return kinds as LayerKind[];
}

/** Rope base per kind of layer: `rope_parameters` of new files, `global_rope_theta` and `local_rope_theta` of old ones. */
function ropeThetas(json: Json, causal: boolean): Record<LayerKind, number> {
  const rope = json['rope_parameters'] ?? {};
  if (!isObject(rope) || 'rope_theta' in rope || 'rope_type' in rope) {
    throw refuse('rope_parameters must hold full_attention and sliding_attention.');
  }
  const globalKey = causal && json['global_rope_theta'] === undefined ? 'rope_theta' : 'global_rope_theta';
  const full = thetaOf(rope, 'full_attention') ?? real(json, globalKey, 160_000, 1, 1e12);
  // null meant "as in the full layers" while ModernBertAttention read the key itself.
  const local =
    json['local_rope_theta'] === null ? full : real(json, 'local_rope_theta', causal ? 160_000 : 10_000, 1, 1e12);
  return { full_attention: full, sliding_attention: thetaOf(rope, 'sliding_attention') ?? local };
}

function thetaOf(rope: Json, kind: LayerKind): number | undefined {
  const entry = rope[kind] ?? {};
  if (!isObject(entry)) throw refuse(`rope_parameters of ${kind} is ${quote(entry)} instead of an object.`);
  refuseRopeScaling(entry, `rope_parameters of ${kind}`);
  if ((entry['partial_rotary_factor'] ?? 1) !== 1) {
    throw refuse(`rope_parameters of ${kind} rotates a part of each head; Unmask rotates whole heads only.`);
  }
  return entry['rope_theta'] === undefined ? undefined : real(entry, 'rope_theta', 0, 1, 1e12);
}

/**
 * Keys visible before the query in sliding layers. `local_attention` is the whole window: ModernBERT sees
 * `|i − j| ≤ local_attention // 2`; its decoder sees `0 ≤ i − j < local_attention // 2`, one key fewer.
 * `sliding_window` is that half already; Hugging Face lets it win in ModernBERT and lose in the decoder.
 */
function windowOf(json: Json, causal: boolean): number {
  const half = Math.floor(whole(json, 'local_attention', 128, causal ? 2 : 1, 2 ** 21) / 2);
  const given = json['sliding_window'] ?? undefined;
  const stored = given === undefined ? undefined : whole(json, 'sliding_window', 0, 1, 2 ** 20);
  if (causal) return ((json['local_attention'] ?? undefined) === undefined ? (stored ?? half) : half) - 1;
  return stored ?? half;
}

function whole(json: Json, key: string, fallback: number, min: number, max: number): number {
  const value = json[key] ?? fallback;
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw refuse(`${key} is ${quote(value)}; it must be a whole number from ${min} to ${max}.`);
}

function real(json: Json, key: string, fallback: number, min: number, max: number): number {
  const value = json[key] ?? fallback;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw refuse(`${key} is ${quote(value)}; it must be a number above 0 and at most ${max}.`);
}

function flag(json: Json, key: string, fallback: boolean): boolean {
  const value = json[key] ?? fallback;
  if (typeof value === 'boolean') return value;
  throw refuse(`${key} is ${quote(value)}; it must be true or false.`);
}

/** An id, the first of a list of ids, or none (null or −1). A default outside a small vocabulary is none, too. */
function tokenId(json: Json, key: string, fallback: number | undefined, vocabSize: number): number | undefined {
  const stored = json[key];
  if (stored === undefined) return fallback !== undefined && fallback < vocabSize ? fallback : undefined;
  const value = Array.isArray(stored) ? stored[0] : stored;
  if (value === null || value === undefined || value === -1) return undefined;
  if (Number.isInteger(value) && value >= 0 && value < vocabSize) return value;
  throw refuse(`${key} is ${quote(stored)}, outside the vocabulary of ${vocabSize} tokens.`);
}
