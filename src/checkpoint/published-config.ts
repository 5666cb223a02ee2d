/**
 * The config.json of a ModernBERT as they are published, at any size (answerdotai/ModernBERT-base and -large, arXiv
 * 2412.13663): every third layer full, the others with a window of 64 to each side, no biases but the decoder's, which is
 * tied. For models with random weights: benches, tests and `npm run random-model`.
 */
export interface PublishedSize {
  readonly hidden: number;
  readonly heads: number;
  /** Width of a branch of the gated unit. */
  readonly intermediate: number;
  readonly layers: number;
  readonly vocab: number;
  /** Longest canvas; 1,024 unless told. */
  readonly maxLength?: number;
}

export const PUBLISHED = {
  base: { hidden: 768, heads: 12, intermediate: 1152, layers: 22, vocab: 50_368, maxLength: 8192 },
  large: { hidden: 1024, heads: 16, intermediate: 2624, layers: 28, vocab: 50_368, maxLength: 8192 },
} as const satisfies Record<string, PublishedSize>;

export function publishedConfig({ hidden, heads, intermediate, layers, vocab, maxLength = 1024 }: PublishedSize) {
  return {
    model_type: 'modernbert',
    architectures: ['ModernBertForMaskedLM'],
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: intermediate,
    vocab_size: vocab,
    norm_eps: 1e-5,
    global_attn_every_n_layers: 3,
    global_rope_theta: 160_000,
    local_rope_theta: 10_000,
    local_attention: 128,
    hidden_activation: 'gelu',
    classifier_activation: 'gelu',
    decoder_bias: true,
    tie_word_embeddings: true,
    max_position_embeddings: maxLength,
    pad_token_id: 0,
    mask_token_id: 4,
    cls_token_id: 2,
    sep_token_id: 3,
    bos_token_id: 2,
    eos_token_id: 3,
  };
}
