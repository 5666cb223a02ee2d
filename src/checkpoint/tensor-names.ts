/**
 * Which tensors a ModernBERT must have: our name, its shape, and what Hugging Face calls it. Encoder exports drop the
 * `model.` prefix; the decoder keeps query, key and value apart and calls its head `lm_head`.
 */
import type { ModelConfig } from './model.ts';

export interface Wanted {
  /** Our name (see `Weights`). */
  readonly name: string;
  readonly shape: readonly number[];
  /** Names in the file; several parts are stacked along the first axis in this order. */
  readonly parts: readonly string[];
}

const EMBEDDING = 'embeddings.tok_embeddings.weight';

/** All tensors of `config` under the names that `has` knows; names that nobody knows appear as in `model.…`. */
export function wantedTensors(config: ModelConfig, has: (name: string) => boolean): Wanted[] {
  const { hiddenSize: h, intermediateSize: width, vocabSize: v } = config;
  const body = has(EMBEDDING) && !has(`model.${EMBEDDING}`) ? '' : 'model.';
  const head = has('lm_head.dense.weight') && !has('head.dense.weight') ? 'lm_head.' : 'head.';
  const wanted: Wanted[] = [];
  /** One linear or norm layer: `rows` outputs, `columns` inputs (none for a norm), a bias if it has one. */
  const layer = (name: string, stored: string | string[], rows: number, columns: number | undefined, bias: boolean) => {
    const parts = typeof stored === 'string' ? [stored] : stored;
    const shape = columns === undefined ? [rows] : [rows, columns];
    wanted.push({ name, shape, parts: parts.map((part) => `${part}.weight`) });
    if (bias) wanted.push({ name: `${name}.bias`, shape: [rows], parts: parts.map((part) => `${part}.bias`) });
  };
  const norm = (name: string, stored: string) => layer(name, stored, h, undefined, config.normBias);

  layer('embeddings', `${body}embeddings.tok_embeddings`, v, h, false);
  norm('embeddings.norm', `${body}embeddings.norm`);
  for (let i = 0; i < config.layers.length; i++) {
    const from = `${body}layers.${i}.`;
    const to = `layers.${i}.`;
    const apart = has(`${from}attn.q_proj.weight`) && !has(`${from}attn.Wqkv.weight`);
    const qkv = apart ? ['q', 'k', 'v'].map((part) => `${from}attn.${part}_proj`) : `${from}attn.Wqkv`;
    if (i > 0) norm(`${to}attnNorm`, `${from}attn_norm`);
    layer(`${to}qkv`, qkv, 3 * h, h, config.attentionBias);
    layer(`${to}attnOut`, `${from}attn.Wo`, h, h, config.attentionBias);
    norm(`${to}mlpNorm`, `${from}mlp_norm`);
    layer(`${to}mlpIn`, `${from}mlp.Wi`, 2 * width, h, config.mlpBias);
    layer(`${to}mlpOut`, `${from}mlp.Wo`, h, width, config.mlpBias);
  }
  norm('finalNorm', `${body}final_norm`);
  layer('head.dense', `${head}dense`, h, h, config.headBias);
  norm('head.norm', `${head}norm`);
  if (!config.tied) layer('decoder', 'decoder', v, h, false);
  if (config.decoderBias) wanted.push({ name: 'decoder.bias', shape: [v], parts: ['decoder.bias'] });
  return wanted;
}
