import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arch, isCausal, type LayerSpec } from '../arch.ts';
import { Refusal } from '../refusal.ts';
import { readConfig, tensorsOf } from './index.ts';
import { modernbert } from './modernbert.ts';

const base = { model_type: 'modernbert' };
const decoder = { model_type: 'modernbert-decoder' };
const everywhere = Number.POSITIVE_INFINITY;
const read = (json: object): Arch => readConfig(json as Record<string, unknown>).arch;
const seenIn = (arch: Arch, layer: number) => (arch.layers[layer] as LayerSpec).attention;

test('a config without keys is ModernBERT-base, as in Hugging Face', () => {
  const arch = read(base);
  const norm = { kind: 'layer', eps: 1e-5, bias: false };
  expect(arch).toMatchObject({
    vocab: 50_368,
    width: 768,
    maxLength: 8192,
    embeddingNorm: norm,
    finalNorm: norm,
    head: { dense: { activation: 'gelu', bias: false, norm }, decoderBias: true },
    tied: true,
    logitShift: 0,
    ids: { mask: undefined, pad: 50_283, cls: 50_281, sep: 50_282, bos: 50_281, eos: 50_282 },
  });
  expect(isCausal(arch)).toBe(false);
  expect(arch.layers).toHaveLength(22);
  expect(arch.layers[4]?.mlp).toEqual({
    form: 'gated',
    activation: 'gelu',
    width: 1152,
    norm,
    bias: { in: false, out: false },
  });
  expect(seenIn(arch, 0).norm).toBeUndefined();
  const heads = { heads: 12, kvHeads: 12, headDim: 64, norm, bias: { qkv: false, out: false } };
  expect(seenIn(arch, 3)).toEqual({ ...heads, rotary: { theta: 160_000 }, sees: { window: [everywhere, everywhere] } });
  expect(seenIn(arch, 4)).toEqual({ ...heads, rotary: { theta: 10_000 }, sees: { window: [64, 64] } });
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
  expect(read(renewed)).toEqual(read(old));
});

test('what is written is read back, under either key style', () => {
  for (const json of [
    { ...base, num_hidden_layers: 4, mask_token_id: 4, classifier_bias: true, local_attention: 12 },
    { ...base, num_hidden_layers: 3, layer_types: ['sliding_attention', 'full_attention', 'full_attention'] },
    { ...base, num_hidden_layers: 1, tie_word_embeddings: false, norm_bias: true, mlp_bias: true, vocab_size: 9 },
    { ...decoder, num_hidden_layers: 5, attention_bias: true, rope_theta: 5e4, local_attention: 30 },
  ]) {
    const written = modernbert.write(read(json), json.model_type);
    expect(read(written)).toEqual(read(json));
    const { layer_types: _, rope_parameters: __, ...old } = written;
    if ('global_attn_every_n_layers' in old) expect(read(old)).toEqual(read(json));
  }
});

describe('sliding windows', () => {
  const sliding = (json: object) => {
    const { sees, rotary } = seenIn(read({ ...json, layer_types: ['sliding_attention'], num_hidden_layers: 1 }), 0);
    return { ...sees, theta: rotary?.theta };
  };

  test('reach half of local_attention to each side', () => {
    expect(sliding({ ...base, local_attention: 9 })).toEqual({ window: [4, 4], theta: 10_000 });
    expect(sliding({ ...base, local_attention: 1 })).toEqual({ window: [0, 0], theta: 10_000 });
  });

  test('count the query itself in the decoder, which has one theta by default', () => {
    expect(sliding({ ...decoder, local_attention: 128 })).toEqual({ window: [63, 0], theta: 160_000 });
    expect(sliding({ ...decoder, local_attention: 2 })).toMatchObject({ window: [0, 0] });
  });

  test('take sliding_window as Hugging Face does', () => {
    expect(sliding({ ...base, sliding_window: 32 })).toMatchObject({ window: [32, 32] });
    expect(sliding({ ...base, sliding_window: 64, local_attention: 128 })).toMatchObject({ window: [64, 64] });
    expect(sliding({ ...decoder, sliding_window: 32 })).toMatchObject({ window: [31, 0] });
    expect(sliding({ ...decoder, sliding_window: 99, local_attention: 16 })).toMatchObject({ window: [7, 0] });
  });

  test('without a theta of their own (null) use that of the full layers', () => {
    expect(sliding({ ...base, global_rope_theta: 5e4, local_rope_theta: null })).toMatchObject({ theta: 5e4 });
    expect(sliding({ ...decoder, rope_theta: 5e4, local_rope_theta: null })).toMatchObject({ theta: 5e4 });
  });
});

test('the causal model sees nothing to its right', () => {
  const arch = read(decoder);
  expect(isCausal(arch)).toBe(true);
  expect(seenIn(arch, 0).sees).toEqual({ window: [everywhere, 0] });
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
  expect(read(json).ids).toEqual({
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
  expect(read(json)).toEqual(read(base));
});

test('the decoder keeps queries, keys and values apart, and calls its head lm_head', () => {
  const names = (json: object) =>
    tensorsOf(readConfig({ ...json, num_hidden_layers: 1, hidden_size: 8, num_attention_heads: 2 })).flatMap(
      ({ parts }) => parts.map(({ name }) => name),
    );
  expect(names(base)).toContain('model.layers.0.attn.Wqkv.weight');
  expect(names(base)).toContain('head.dense.weight');
  expect(names(decoder)).toContain('model.layers.0.attn.k_proj.weight');
  expect(names(decoder)).toContain('lm_head.dense.weight');
});

describe('refused in words that name what is supported:', () => {
  test.each<[object, RegExp]>([
    [{}, /model type is undefined.*modernbert/],
    [{ model_type: 'gpt2' }, /model type is "gpt2"/],
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
    expect(() => read(json)).toThrow(words);
    expect(() => read(json)).toThrow(Refusal);
  });
});

test('whatever the values are, the result is a network or a refusal', () => {
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
        const arch = read({ ...base, ...json });
        expect(seenIn(arch, 0).headDim * seenIn(arch, 0).heads).toBe(arch.width);
        expect(arch.layers.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }),
    { numRuns: 500 },
  );
});
