/**
 * The models of the bench, as their config.json would be: ModernBERT-base, ModernBERTs of its 22 layers that a processor
 * can run, too, and the layers of BERT-base and of dLLM's converted Qwen3-0.6B at narrow width; and what a run downloads.
 */
import { PUBLISHED, publishedConfig } from '../checkpoint/published-config.ts';
import { readConfig } from '../model/families/index.ts';
import type { Json } from '../model/json.ts';
import { parameterCount } from '../model/parameters.ts';

/** Twelve layers of post-norm, learned positions and biases (arXiv 1810.04805); heads of 32 where they are of 64. */
const BERT = {
  model_type: 'bert',
  vocab_size: 4096,
  hidden_size: 64,
  num_hidden_layers: 12,
  num_attention_heads: 2,
  intermediate_size: 256,
  max_position_embeddings: 512,
  pad_token_id: 0,
  mask_token_id: 4,
};

/** 28 layers, two queries to a key, heads together twice as wide as the stream (arXiv 2505.09388); heads of 32 where they are of 128. */
const QWEN3 = {
  model_type: 'a2d-qwen3',
  vocab_size: 4096,
  hidden_size: 64,
  num_hidden_layers: 28,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 32,
  intermediate_size: 192,
  max_position_embeddings: 1024,
  rope_theta: 1_000_000,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: true,
  pad_token_id: 0,
  mask_token_id: 4,
};

export const SIZES = {
  thin: publishedConfig({ hidden: 32, heads: 1, intermediate: 48, layers: 22, vocab: 1024 }),
  narrow: publishedConfig({ hidden: 64, heads: 2, intermediate: 96, layers: 22, vocab: 4096 }),
  middle: publishedConfig({ hidden: 256, heads: 4, intermediate: 384, layers: 22, vocab: 16_384 }),
  base: publishedConfig(PUBLISHED.base),
  bert: BERT,
  qwen3: QWEN3,
} as const satisfies Record<string, Json>;
export type SizeName = keyof typeof SIZES;

export function parametersOf(size: SizeName): number {
  return parameterCount(readConfig(SIZES[size]).arch);
}

/** ONNX Runtime's script and WebAssembly. */
export const ORT_BYTES = 26_900_000;
