/** What the configuration classes of transformers 5.24 and 4.57 write for decoders, read back. */
import { describe, expect, test } from 'vitest';
import type { Arch, LayerSpec } from '../arch.ts';
import { Refusal } from '../refusal.ts';
import { readConfig } from './index.ts';

const read = (json: object): Arch => readConfig(json as Record<string, unknown>).arch;
const attentionOf = (json: object, layer = 0) => (read(json).layers[layer] as LayerSpec).attention;
const everywhere = Number.POSITIVE_INFINITY;

describe('a file without keys is what the configuration class makes', () => {
  const common = { width: 4096, tied: false, logitShift: 1, finalNorm: { kind: 'rms', eps: 1e-6, bias: false } };
  test.each([
    ['llama', { ...common, vocab: 32_000, maxLength: 2048 }, 11_008, 2, { bos: 1, eos: 2 }],
    ['qwen2', { ...common, vocab: 151_936, maxLength: 32_768 }, 22_016, 2, { bos: undefined, eos: undefined }],
    ['qwen3', { ...common, vocab: 151_936, maxLength: 32_768 }, 22_016, 2, { bos: undefined, eos: undefined }],
  ])('%s', (modelType, arch, width, _, ids) => {
    const got = read({ model_type: modelType });
    expect(got).toMatchObject({ ...arch, ids });
    expect(got.layers).toHaveLength(32);
    expect(got.layers[5]).toMatchObject({
      order: 'pre',
      attention: {
        heads: 32,
        kvHeads: 32,
        headDim: 128,
        rotary: { theta: 10_000 },
        bias: { qkv: modelType === 'qwen2', out: false },
        sees: { window: [everywhere, 0] },
      },
      mlp: { form: 'gated', activation: 'silu', width, bias: { in: false, out: false } },
    });
    expect(got.layers[0]?.attention.queryKeyNorm !== undefined).toBe(modelType === 'qwen3');
  });

  test.each([
    ['bert', 30_522, 0, 512, { pad: 0, bos: undefined, eos: undefined }],
    ['roberta', 50_265, 2, 510, { pad: 1, bos: 0, eos: 2 }],
    ['xlm-roberta', 30_522, 2, 510, { pad: 1, bos: 0, eos: 2 }],
    ['camembert', 30_522, 2, 510, { pad: 1, bos: 0, eos: 2 }],
  ])('%s', (modelType, vocab, offset, maxLength, ids) => {
    expect(read({ model_type: modelType })).toMatchObject({
      vocab,
      width: 768,
      maxLength,
      positions: { rows: 512, offset },
      tokenTypes: 2,
      embeddingNorm: { kind: 'layer', eps: 1e-12, bias: true },
      tied: true,
      ids,
    });
  });
});

describe('rotary positions', () => {
  const llama = { model_type: 'llama', max_position_embeddings: 4096 };
  const rotary = (json: object) => attentionOf({ ...llama, ...json }).rotary;
  const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };

  test('as transformers 4 and 5 write them', () => {
    for (const json of [
      { rope_theta: 5e5, rope_scaling: { rope_type: 'llama3', ...llama3 } },
      { rope_parameters: { rope_theta: 5e5, rope_type: 'llama3', ...llama3 } },
    ]) {
      expect(rotary(json)).toEqual({
        theta: 5e5,
        scaling: { kind: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalLength: 8192 },
      });
    }
    expect(rotary({ rope_scaling: { type: 'linear', factor: 2 } })).toEqual({
      theta: 10_000,
      scaling: { kind: 'linear', factor: 2 },
    });
    expect(rotary({ rope_scaling: null, rope_theta: 7 })).toEqual({ theta: 7 });
    expect(rotary({ rope_parameters: { full_attention: { rope_theta: 9, rope_type: 'default' } } })).toEqual({
      theta: 9,
    });
  });

  test('dynamic is the default up to the length that was learnt, and is read so far', () => {
    const arch = read({ ...llama, rope_scaling: { rope_type: 'dynamic', factor: 2 } });
    expect(arch.maxLength).toBe(4096);
    const longer = { rope_type: 'dynamic', factor: 2, original_max_position_embeddings: 2048 };
    expect(read({ ...llama, rope_scaling: longer }).maxLength).toBe(2048);
  });

  test.each([
    [{ rope_scaling: { rope_type: 'yarn', factor: 4 } }, /"yarn"/],
    [{ rope_scaling: { type: 'longrope', short_factor: [1, 2] } }, /"longrope"/],
    [{ rope_scaling: { rope_type: 'proportional' } }, /"proportional"/],
    [{ rope_scaling: 'linear' }, /instead of an object/],
    [{ rope_scaling: { rope_type: 'llama3', factor: 8 } }, /low_freq_factor/],
    [{ partial_rotary_factor: 0.5 }, /whole heads/],
    [{ rope_parameters: { rope_theta: 1e4, partial_rotary_factor: 0.25 } }, /whole heads/],
  ])('%j is refused', (json, words) => {
    expect(() => rotary(json)).toThrow(words);
    expect(() => rotary(json)).toThrow(Refusal);
  });
});

describe('windows of Qwen', () => {
  const qwen = { model_type: 'qwen2', num_hidden_layers: 4, sliding_window: 128 };
  const seenBefore = (json: object) =>
    read({ ...qwen, ...json }).layers.map(({ attention: { sees } }) => ('window' in sees ? sees.window[0] : undefined));

  test('count only where they are used, and hold the query itself', () => {
    expect(seenBefore({})).toEqual(Array(4).fill(everywhere));
    const used = { use_sliding_window: true, max_window_layers: 2 };
    expect(seenBefore(used)).toEqual([everywhere, everywhere, 127, 127]);
    const kinds = ['sliding_attention', 'full_attention', 'full_attention', 'sliding_attention'];
    expect(seenBefore({ ...used, layer_types: kinds })).toEqual([127, everywhere, everywhere, 127]);
  });

  test('go in dLLM’s conversions, which see all', () => {
    expect(seenBefore({ model_type: 'a2d-qwen2', use_sliding_window: true, max_window_layers: 0 })).toEqual(
      Array(4).fill(everywhere),
    );
  });
});

test.each([
  [{ model_type: 'llama', num_attention_heads: 32, num_key_value_heads: 5 }, /multiple of num_key_value_heads/],
  [{ model_type: 'llama', hidden_size: 100, num_attention_heads: 3 }, /multiple of num_attention_heads/],
  [{ model_type: 'qwen3', head_dim: 33 }, /33 wide/],
  [{ model_type: 'llama', hidden_act: 'quick_gelu' }, /quick_gelu/],
  [{ model_type: 'qwen2', num_hidden_layers: 1, layer_types: ['chunked_attention'] }, /chunked_attention/],
  [{ model_type: 'bert', position_embedding_type: 'relative_key' }, /relative_key/],
  [{ model_type: 'bert', is_decoder: true }, /is_decoder/],
  [{ model_type: 'roberta', max_position_embeddings: 2 }, /begin at row 2/],
  [{ model_type: 'llada', block_type: 'sequential' }, /block_type/],
  [{ model_type: 'llada', alibi: true }, /alibi/],
  [{ model_type: 'llada', d_model: 48, n_heads: 4, n_kv_heads: 3 }, /do not fit together/],
])('%j is refused in words', (json, words) => {
  expect(() => read(json)).toThrow(words);
});
