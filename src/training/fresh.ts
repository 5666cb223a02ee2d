/** A fresh model of a chosen kind and size: its configuration, a tokenizer learnt from the text, seeded random weights. */

import { toFloat32 } from '../checkpoint/half.ts';
import type { Arch } from '../model/arch.ts';
import { readConfig } from '../model/families/index.ts';
import type { Json } from '../model/json.ts';
import { type LearnOptions, learnMerges, SPECIAL_TOKENS, tokenizerJson } from './bpe.ts';
import { initialWeights, MODERNBERT_START, PLAIN_START } from './initial-weights.ts';
import { modelFiles, type Surroundings, utf8 } from './model-files.ts';
import type { SizeName, TrainSettings } from './train-settings.ts';

/**
 * Width, layers, heads, width of a gated branch. `mini` learns something in a few hundred steps of a processor, `small` is the shipped
 * model, `large` has tiny-diffusion's width and depth.
 */
export const SHAPES: Readonly<Record<SizeName, readonly [number, number, number, number]>> = {
  mini: [64, 4, 2, 96],
  tiny: [128, 4, 2, 192],
  small: [192, 6, 3, 384],
  medium: [256, 6, 4, 512],
  large: [384, 6, 6, 768],
};

type Wanted = Pick<
  TrainSettings,
  'architecture' | 'size' | 'tokenizer' | 'vocabulary' | 'length' | 'objective' | 'seed'
>;

/** The files of a fresh model for these texts. Throws the signal's reason. */
export async function freshModel(
  texts: readonly string[],
  settings: Wanted,
  options: Omit<LearnOptions, 'vocabulary'> = {},
): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const { around, arch } = await freshSurroundings(texts, settings, options);
  const how = settings.architecture === 'modernbert' ? MODERNBERT_START : PLAIN_START;
  const fresh = initialWeights(arch, settings.seed, how);
  const weights = new Map<string, Float32Array>();
  for (const name of fresh.tensors.keys()) weights.set(name, toFloat32(await fresh.read(name), 'F32'));
  return modelFiles(around, arch, weights, '');
}

/** The same without its weights: configuration and tokenizer. */
export async function freshSurroundings(
  texts: readonly string[],
  settings: Wanted,
  options: Omit<LearnOptions, 'vocabulary'> = {},
): Promise<{ readonly around: Surroundings; readonly arch: Arch }> {
  const { tokenizer, vocabulary } = settings;
  const merges = tokenizer === 'characters' ? [] : await learnMerges(texts, { ...options, vocabulary });
  const json = freshConfig(settings, SPECIAL_TOKENS.length + 256 + merges.length);
  const around: Surroundings = new Map([
    ['config.json', utf8(JSON.stringify(json))],
    ['tokenizer.json', utf8(JSON.stringify(tokenizerJson(merges)))],
    ['tokenizer_config.json', utf8(JSON.stringify(TOKENIZER_CONFIG, undefined, 1))],
  ]);
  return { around, arch: readConfig(json).arch };
}

const TOKENIZER_CONFIG = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  pad_token: '[PAD]',
  unk_token: '[UNK]',
  cls_token: '[CLS]',
  sep_token: '[SEP]',
  mask_token: '[MASK]',
  clean_up_tokenization_spaces: false,
};

type Shaped = Pick<TrainSettings, 'architecture' | 'size' | 'length' | 'objective'>;

/** As Hugging Face's classes write it; what is not said is their default. */
function freshConfig({ architecture, size, length, objective }: Shaped, vocab: number): Json {
  const [hidden, layers, heads, intermediate] = SHAPES[size];
  const causal = objective === 'next-token';
  const common = {
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    vocab_size: vocab,
    tie_word_embeddings: true,
    pad_token_id: 0,
    mask_token_id: 4,
    cls_token_id: 2,
    sep_token_id: 3,
    bos_token_id: 2,
    eos_token_id: 3,
  };
  // Two matrices where the others have three: half as wide again, so that a size is one number of parameters.
  const plain = { ...common, intermediate_size: 1.5 * intermediate, hidden_act: 'gelu' };
  if (architecture === 'bert') {
    return {
      model_type: 'bert',
      architectures: ['BertForMaskedLM'],
      ...plain,
      layer_norm_eps: 1e-12,
      type_vocab_size: 2,
      max_position_embeddings: Math.max(512, length),
    };
  }
  if (architecture === 'roberta') {
    return {
      model_type: 'roberta',
      architectures: ['RobertaForMaskedLM'],
      ...plain,
      layer_norm_eps: 1e-5,
      type_vocab_size: 1,
      // Positions are counted from the one after that of the padding.
      max_position_embeddings: Math.max(512, length) + 1,
    };
  }
  if (architecture === 'llama') {
    return {
      model_type: causal ? 'llama' : 'a2d-llama',
      architectures: [causal ? 'LlamaForCausalLM' : 'A2DLlamaLMHeadModel'],
      ...common,
      num_key_value_heads: heads,
      intermediate_size: intermediate,
      hidden_act: 'silu',
      rms_norm_eps: 1e-5,
      rope_theta: 10_000,
      max_position_embeddings: Math.max(1024, length),
    };
  }
  return {
    model_type: causal ? 'modernbert-decoder' : 'modernbert',
    architectures: [causal ? 'ModernBertDecoderForCausalLM' : 'ModernBertForMaskedLM'],
    ...common,
    intermediate_size: intermediate,
    norm_eps: 1e-5,
    global_attn_every_n_layers: 3,
    global_rope_theta: 160_000,
    local_rope_theta: 10_000,
    local_attention: 128,
    hidden_activation: 'gelu',
    classifier_activation: 'gelu',
    decoder_bias: true,
    max_position_embeddings: Math.max(1024, length),
  };
}
