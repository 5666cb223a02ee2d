/**
 * ModernBERT (arXiv 2412.13663) and its decoder. Defaults and meanings follow Hugging Face's configuration_modernbert.py
 * and modular_modernbert_decoder.py: files on the hub leave out what equals a default, and come in two key styles.
 */
import { said, type Text } from '../../text/said.ts';
import { isCausal, type LayerSpec, type Norm, type Rotary } from '../arch.ts';
import type { Family } from '../family.ts';
import { flag, isObject, type Json, quote, real, tokenId, whole } from '../json.ts';
import { Refusal } from '../refusal.ts';
import { tensorSources } from './names.ts';

const DECODER = 'modernbert-decoder';
const KINDS = ['full_attention', 'sliding_attention'] as const;
type Kind = (typeof KINDS)[number];

const REMEDY = 'Choose another ModernBERT checkpoint, or correct its config.json.';

export const modernbert: Family = {
  modelTypes: ['modernbert', DECODER],

  read(json) {
    refuseOtherArithmetic(json);
    const causal = json['model_type'] === DECODER;
    const width = whole(json, 'hidden_size', 768, 2, 16_384);
    const heads = whole(json, 'num_attention_heads', 12, 1, 256);
    const vocab = whole(json, 'vocab_size', 50_368, 1, 2 ** 21);
    const norm: Norm = {
      kind: 'layer',
      eps: real(json, 'norm_eps', 1e-5, Number.MIN_VALUE, 0.1),
      bias: flag(json, 'norm_bias', false),
    };
    return {
      vocab,
      width,
      maxLength: whole(json, 'max_position_embeddings', 8192, 1, 2 ** 20),
      embeddingNorm: norm,
      layers: layersOf(json, { causal, heads, headDim: headDimOf(json, width, heads), norm }),
      finalNorm: norm,
      head: {
        dense: { activation: 'gelu', bias: flag(json, 'classifier_bias', false), norm },
        decoderBias: flag(json, 'decoder_bias', true),
      },
      tied: flag(json, 'tie_word_embeddings', true),
      logitShift: causal ? 1 : 0,
      ids: {
        mask: tokenId(json, 'mask_token_id', undefined, vocab),
        pad: tokenId(json, 'pad_token_id', 50_283, vocab),
        cls: tokenId(json, 'cls_token_id', 50_281, vocab),
        sep: tokenId(json, 'sep_token_id', 50_282, vocab),
        bos: tokenId(json, 'bos_token_id', 50_281, vocab),
        eos: tokenId(json, 'eos_token_id', 50_282, vocab),
      },
    };
  },

  /** In both key styles, as transformers 4 and 5 write them. */
  write(arch, modelType) {
    const { layers, head, ids } = arch;
    const [first] = layers as [LayerSpec];
    const kinds = layers.map(kindOf);
    const layerOf = (kind: Kind) => layers[kinds.indexOf(kind)] ?? first;
    const theta = (kind: Kind) => (layerOf(kind).attention.rotary as Rotary).theta;
    const half = beforeOf(layerOf('sliding_attention'));
    const window = Number.isFinite(half) ? { local_attention: 2 * (isCausal(arch) ? half + 1 : half) } : {};
    return {
      model_type: modelType,
      architectures: [modelType === DECODER ? 'ModernBertDecoderForCausalLM' : 'ModernBertForMaskedLM'],
      hidden_size: arch.width,
      num_hidden_layers: layers.length,
      num_attention_heads: first.attention.heads,
      intermediate_size: first.mlp.width,
      vocab_size: arch.vocab,
      max_position_embeddings: arch.maxLength,
      norm_eps: arch.finalNorm?.eps,
      norm_bias: arch.finalNorm?.bias,
      attention_bias: first.attention.bias.qkv,
      mlp_bias: first.mlp.bias.in,
      classifier_bias: head.dense?.bias,
      decoder_bias: head.decoderBias,
      tie_word_embeddings: arch.tied,
      hidden_activation: 'gelu',
      classifier_activation: 'gelu',
      layer_types: kinds,
      ...everyN(kinds),
      global_rope_theta: theta('full_attention'),
      local_rope_theta: theta('sliding_attention'),
      rope_parameters: Object.fromEntries(
        KINDS.map((kind) => [kind, { rope_type: 'default', rope_theta: theta(kind) }]),
      ),
      ...window,
      pad_token_id: ids.pad ?? null,
      mask_token_id: ids.mask ?? null,
      cls_token_id: ids.cls ?? null,
      sep_token_id: ids.sep ?? null,
      bos_token_id: ids.bos ?? null,
      eos_token_id: ids.eos ?? null,
    };
  },

  /** Encoder exports drop the `model.` prefix; the decoder keeps queries, keys and values apart, its head is `lm_head`. */
  tensors(arch, has, modelType) {
    const tokens = 'embeddings.tok_embeddings';
    const body = has(`${tokens}.weight`) && !has(`model.${tokens}.weight`) ? '' : 'model.';
    const known = has('lm_head.dense.weight') || has('head.dense.weight');
    const head = (known ? has('head.dense.weight') : modelType !== DECODER) ? 'head' : 'lm_head';
    return tensorSources(arch, has, ({ part, layer }) => {
      const at = `${body}layers.${layer}.`;
      switch (part) {
        case 'embeddings':
          return `${body}${tokens}`;
        case 'embeddings.norm':
          return `${body}embeddings.norm`;
        case 'attnNorm':
          return `${at}attn_norm`;
        case 'qkv': {
          const joined = `${at}attn.Wqkv`;
          const apart = [`${at}attn.q_proj`, `${at}attn.k_proj`, `${at}attn.v_proj`] as const;
          if (has(`${joined}.weight`)) return joined;
          return has(`${apart[0]}.weight`) || modelType === DECODER ? apart : joined;
        }
        case 'attnOut':
          return `${at}attn.Wo`;
        case 'mlpNorm':
          return `${at}mlp_norm`;
        case 'mlpIn':
          return `${at}mlp.Wi`;
        case 'mlpOut':
          return `${at}mlp.Wo`;
        case 'finalNorm':
          return `${body}final_norm`;
        case 'head.dense':
          return `${head}.dense`;
        case 'head.norm':
          return `${head}.norm`;
        default:
          return part; // decoder
      }
    });
  },
};

function refuse(message: Text) {
  return new Refusal(message, REMEDY);
}

function headDimOf(json: Json, width: number, heads: number): number {
  const headDim = width / heads;
  if (!Number.isInteger(headDim)) {
    throw refuse(said`hidden_size ${width} must be a multiple of num_attention_heads ${heads}.`);
  }
  if (headDim % 2 !== 0) throw refuse(said`Heads are ${headDim} wide; rotary positions need an even width.`);
  if ((json['head_dim'] ?? headDim) === headDim) return headDim;
  const message = said`head_dim is ${quote(json['head_dim'])}; a ModernBERT has heads of hidden_size / num_attention_heads.`;
  throw refuse(message);
}

/** Settings that would change the arithmetic into one that the engine does not have. */
function refuseOtherArithmetic(json: Json): void {
  for (const key of ['hidden_activation', 'classifier_activation']) {
    if ((json[key] ?? 'gelu') !== 'gelu') throw refuse(said`${key} is ${quote(json[key])}; Unmask computes gelu only.`);
  }
  // ModernBERT has rotary positions only; published files still carry these words from older families.
  const position = json['position_embedding_type'] ?? 'absolute';
  if (!['absolute', 'sans_pos', 'rope', 'rotary', 'none'].includes(position as string)) {
    throw refuse(said`position_embedding_type is ${quote(position)}; Unmask computes rotary positions only.`);
  }
  if ((json['partial_rotary_factor'] ?? 1) !== 1) {
    throw refuse(
      said`partial_rotary_factor is ${quote(json['partial_rotary_factor'])}; Unmask rotates whole heads only.`,
    );
  }
  refuseRopeScaling(json['rope_scaling'], 'rope_scaling');
}

function refuseRopeScaling(value: unknown, key: string): void {
  if (value === undefined || value === null) return;
  const type = isObject(value) ? (value['rope_type'] ?? value['type'] ?? 'default') : value;
  if (type !== 'default') throw refuse(said`${key} is of type ${quote(type)}; Unmask computes the default type only.`);
}

interface Common {
  readonly causal: boolean;
  readonly heads: number;
  readonly headDim: number;
  readonly norm: Norm;
}

function layersOf(json: Json, { causal, heads, headDim, norm }: Common): LayerSpec[] {
  const kinds = layerKinds(json, whole(json, 'num_hidden_layers', 22, 1, 256));
  const thetas = ropeThetas(json, causal);
  const window = windowOf(json, causal);
  const width = whole(json, 'intermediate_size', 1152, 1, 131_072);
  const attentionBias = flag(json, 'attention_bias', false);
  const mlpBias = flag(json, 'mlp_bias', false);
  return kinds.map((kind, i) => {
    const before = kind === 'sliding_attention' ? window : Number.POSITIVE_INFINITY;
    return {
      order: 'pre',
      attention: {
        heads,
        kvHeads: heads,
        headDim,
        // The first layer's input is normed already: the embeddings' norm has just run.
        ...(i > 0 && { norm }),
        bias: { qkv: attentionBias, out: attentionBias },
        rotary: { theta: thetas[kind] },
        sees: { window: [before, causal ? 0 : before] },
      },
      mlp: { form: 'gated', activation: 'gelu', width, norm, bias: { in: mlpBias, out: mlpBias } },
    };
  });
}

function layerKinds(json: Json, count: number): Kind[] {
  const kinds = json['layer_types'] ?? undefined;
  if (kinds === undefined) {
    const every = whole(json, 'global_attn_every_n_layers', 3, 1, 256);
    return Array.from({ length: count }, (_, i) => (i % every === 0 ? 'full_attention' : 'sliding_attention'));
  }
  if (!Array.isArray(kinds) || kinds.length !== count) {
    throw refuse(said`layer_types is ${quote(kinds)}; it must name one kind for each of the ${count} layers.`);
  }
  const other = kinds.find((kind) => !KINDS.includes(kind));
  if (other === undefined) return kinds as Kind[];
  throw refuse(said`layer_types holds ${quote(other)}; Unmask runs full_attention and sliding_attention.`);
}

/** Rope base per kind of layer: `rope_parameters` of new files, `global_rope_theta` and `local_rope_theta` of old ones. */
function ropeThetas(json: Json, causal: boolean): Record<Kind, number> {
  const rope = json['rope_parameters'] ?? {};
  // A theta that was left beside the two kinds says nothing.
  if (!isObject(rope) || (('rope_theta' in rope || 'rope_type' in rope) && !KINDS.some((kind) => kind in rope))) {
    throw refuse('rope_parameters must hold full_attention and sliding_attention.');
  }
  const globalKey = causal && json['global_rope_theta'] === undefined ? 'rope_theta' : 'global_rope_theta';
  const full = thetaOf(rope, 'full_attention') ?? real(json, globalKey, 160_000, 1, 1e12);
  // null meant "as in the full layers" while ModernBertAttention read the key itself.
  const local =
    json['local_rope_theta'] === null ? full : real(json, 'local_rope_theta', causal ? 160_000 : 10_000, 1, 1e12);
  return { full_attention: full, sliding_attention: thetaOf(rope, 'sliding_attention') ?? local };
}

function thetaOf(rope: Json, kind: Kind): number | undefined {
  const entry = rope[kind] ?? {};
  if (!isObject(entry)) throw refuse(said`rope_parameters of ${kind} is ${quote(entry)} instead of an object.`);
  refuseRopeScaling(entry, `rope_parameters of ${kind}`);
  if ((entry['partial_rotary_factor'] ?? 1) !== 1) {
    throw refuse(said`rope_parameters of ${kind} rotates a part of each head; Unmask rotates whole heads only.`);
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

function beforeOf({ attention: { sees } }: LayerSpec): number {
  return 'window' in sees ? sees.window[0] : Number.POSITIVE_INFINITY;
}

function kindOf(layer: LayerSpec): Kind {
  return Number.isFinite(beforeOf(layer)) ? 'sliding_attention' : 'full_attention';
}

/** The old key for a regular pattern. */
function everyN(kinds: readonly Kind[]): Json {
  const next = kinds.indexOf('full_attention', 1);
  const every = next < 0 ? kinds.length : next;
  const regular = kinds.every((kind, i) => (kind === 'full_attention') === (i % every === 0));
  return regular ? { global_attn_every_n_layers: every } : {};
}
