import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import { normaliseConfig, parseConfig } from './config.ts';

const base = { model_type: 'modernbert' };
const decoder = { model_type: 'modernbert-decoder' };
const everywhere = Number.POSITIVE_INFINITY;

test('a config without keys is ModernBERT-base, as in Hugging Face', () => {
  const config = normaliseConfig(base);
  expect(config).toMatchObject({
    causal: false,
    vocabSize: 50_368,
    hiddenSize: 768,
    heads: 12,
    headDim: 64,
    intermediateSize: 1152,
    normEps: 1e-5,
    maxLength: 8192,
    attentionBias: false,
    mlpBias: false,
    normBias: false,
    headBias: false,
    decoderBias: true,
    tied: true,
    ids: { mask: undefined, pad: 50_283, cls: 50_281, sep: 50_282, bos: 50_281, eos: 50_282 },
  });
  expect(config.layers).toHaveLength(22);
  expect(config.layers.filter((layer) => layer.kind === 'full_attention')).toHaveLength(8);
  expect(config.layers[3]).toEqual({ kind: 'full_attention', ropeTheta: 160_000, left: everywhere, right: everywhere });
  expect(config.layers[4]).toEqual({ kind: 'sliding_attention', ropeTheta: 10_000, left: 64, right: 64 });
});

test('old and new keys mean the same layers', () => {
  const old = {
    ...base,
    num_hidden_layers: 4,
    global_attn_every_n_layers: 2,
    global_rope_theta: 80_000,
    local_rope_theta: 5000,
    local_attention: 12,
  };
  const renewed = {
    ...base,
    num_hidden_layers: 4,
    layer_types: ['full_attention', 'sliding_attention', 'full_attention', 'sliding_attention'],
    rope_parameters: {
      full_attention: { rope_type: 'default', rope_theta: 80_000 },
      sliding_attention: { rope_type: 'default', rope_theta: 5000 },
    },
    local_attention: 12,
  };
  expect(normaliseConfig(renewed)).toEqual(normaliseConfig(old));
});

describe('sliding windows', () => {
  const sliding = (json: object) => {
    const { left, right, ropeTheta } = normaliseConfig({
      ...json,
      layer_types: ['sliding_attention'],
      num_hidden_layers: 1,
    }).layers[0] as { left: number; right: number; ropeTheta: number };
    return { left, right, ropeTheta };
  };

  test('reach half of local_attention to each side', () => {
    expect(sliding({ ...base, local_attention: 9 })).toEqual({ left: 4, right: 4, ropeTheta: 10_000 });
    expect(sliding({ ...base, local_attention: 1 })).toEqual({ left: 0, right: 0, ropeTheta: 10_000 });
  });

  test('count the query itself in the decoder, which has one theta by default', () => {
    expect(sliding({ ...decoder, local_attention: 128 })).toEqual({ left: 63, right: 0, ropeTheta: 160_000 });
    expect(sliding({ ...decoder, local_attention: 2 })).toMatchObject({ left: 0 });
  });

  test('take sliding_window as Hugging Face does', () => {
    expect(sliding({ ...base, sliding_window: 32 })).toMatchObject({ left: 32, right: 32 });
    expect(sliding({ ...base, sliding_window: 64, local_attention: 128 })).toMatchObject({ left: 64 });
    expect(sliding({ ...decoder, sliding_window: 32 })).toMatchObject({ left: 31, right: 0 });
    expect(sliding({ ...decoder, sliding_window: 99, local_attention: 16 })).toMatchObject({ left: 7 });
  });

  test('without a theta of their own (null) use that of the full layers', () => {
    expect(sliding({ ...base, global_rope_theta: 5e4, local_rope_theta: null })).toMatchObject({ ropeTheta: 5e4 });
    expect(sliding({ ...decoder, rope_theta: 5e4, local_rope_theta: null })).toMatchObject({ ropeTheta: 5e4 });
  });
});

test('the causal model sees nothing to its right', () => {
  const { causal, layers } = normaliseConfig(decoder);
  expect(causal).toBe(true);
  expect(layers.every((layer) => layer.right === 0)).toBe(true);
  expect(layers[0]?.left).toBe(everywhere);
});

test('ids may be null, −1, the first of a list, or a default that a small vocabulary does not have', () => {
  const json = {
    ...base,
    vocab_size: 100,
    pad_token_id: null,
    cls_token_id: -1,
    eos_token_id: [7, 8],
    mask_token_id: 4,
  };
  expect(normaliseConfig(json).ids).toEqual({
    mask: 4,
    pad: undefined,
    cls: undefined,
    sep: undefined,
    bos: undefined,
    eos: 7,
  });
});

test('leftovers of older families do no harm', () => {
  const json = {
    ...base,
    position_embedding_type: 'absolute',
    layer_norm_eps: 1e-12,
    rope_scaling: null,
    head_dim: 64,
  };
  expect(normaliseConfig(json)).toEqual(normaliseConfig(base));
});

describe('refused in words that name what is supported:', () => {
  test.each<[object, RegExp]>([
    [{}, /model type is undefined.*modernbert and modernbert-decoder/],
    [{ model_type: 'bert' }, /model type is "bert"/],
    [{ ...base, hidden_activation: 'relu' }, /hidden_activation is "relu".*gelu/],
    [{ ...base, classifier_activation: 'silu' }, /classifier_activation/],
    [{ ...base, hidden_size: 770 }, /multiple of num_attention_heads/],
    [{ ...base, hidden_size: 36, num_attention_heads: 12 }, /3 wide.*even/],
    [{ ...base, head_dim: 32 }, /head_dim/],
    [{ ...base, position_embedding_type: 'relative_key' }, /rotary positions only/],
    [{ ...base, rope_scaling: { rope_type: 'yarn' } }, /"yarn".*default/],
    [{ ...base, rope_scaling: { type: 'linear', factor: 2 } }, /"linear".*default/],
    [{ ...base, rope_parameters: { full_attention: { rope_type: 'dynamic' } } }, /"dynamic".*default/],
    [{ ...base, rope_parameters: { rope_theta: 1e4 } }, /full_attention and sliding_attention/],
    [{ ...base, rope_parameters: { sliding_attention: { rope_theta: null } } }, /rope_theta/],
    [{ ...base, rope_parameters: { full_attention: { partial_rotary_factor: 0.5 } } }, /whole heads/],
    [{ ...base, partial_rotary_factor: 0.5 }, /whole heads/],
    [{ ...base, layer_types: ['full_attention'] }, /each of the 22 layers/],
    [{ ...base, num_hidden_layers: 1, layer_types: ['chunked_attention'] }, /"chunked_attention"/],
    [{ ...base, vocab_size: 1e9 }, /vocab_size is 1000000000/],
    [{ ...base, vocab_size: -1 }, /vocab_size/],
    [{ ...base, hidden_size: '768' }, /hidden_size is "768"/],
    [{ ...base, hidden_size: 768.5 }, /hidden_size/],
    [{ ...base, num_hidden_layers: 0 }, /num_hidden_layers/],
    [{ ...base, num_hidden_layers: 1e6 }, /num_hidden_layers/],
    [{ ...base, global_attn_every_n_layers: 0 }, /global_attn_every_n_layers/],
    [{ ...base, norm_eps: 0 }, /norm_eps/],
    [{ ...base, global_rope_theta: -1 }, /global_rope_theta/],
    [{ ...base, local_attention: 0 }, /local_attention/],
    [{ ...base, tie_word_embeddings: 'yes' }, /true or false/],
    [{ ...base, mask_token_id: 50_368 }, /outside the vocabulary/],
    [{ ...base, pad_token_id: 1.5 }, /pad_token_id/],
  ])('%j', (json, words) => {
    expect(() => normaliseConfig(json as Record<string, unknown>)).toThrow(words);
  });

  test('bytes that are not a JSON object', () => {
    for (const text of ['', 'nonsense', '[]', 'null', '<!doctype html>']) {
      expect(() => parseConfig(new TextEncoder().encode(text))).toThrow(UnmaskError);
    }
  });
});

test('whatever the values are, the result is a config or an UnmaskError', () => {
  const keys = [
    'vocab_size',
    'hidden_size',
    'num_attention_heads',
    'num_hidden_layers',
    'layer_types',
    'rope_parameters',
  ];
  keys.push('local_attention', 'sliding_window', 'norm_eps', 'tie_word_embeddings', 'mask_token_id', 'rope_scaling');
  const value = fc.oneof(fc.jsonValue(), fc.integer({ min: -2, max: 1000 }), fc.double());
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), value), (json) => {
      try {
        const config = normaliseConfig({ ...base, ...json });
        expect(config.headDim * config.heads).toBe(config.hiddenSize);
        expect(config.layers.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(UnmaskError);
      }
    }),
    { numRuns: 500 },
  );
});
