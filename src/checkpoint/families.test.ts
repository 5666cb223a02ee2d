/**
 * Every tensor of a checkpoint of each family is found, with its shape: in the small golden checkpoints that lie beside
 * the repository where they are present, and in files of our own that are written as transformers writes them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Arch, isCausal, type LayerSpec, SEES_ALL } from '../model/arch.ts';
import { type Described, editing, readConfig, tensorsOf, writeConfig } from '../model/families/index.ts';
import type { Json } from '../model/json.ts';
import { parameterCount, parameters, sizeOf } from '../model/parameters.ts';
import { parseConfig } from './config.ts';
import { toFloat32 } from './half.ts';
import { readIndex, WEIGHTS_FILE } from './shards.ts';
import { memorySource } from './sources.ts';
import { FAMILY_GOLDEN } from './testing/golden.ts';
import { openWeights } from './weights.ts';
import { type TensorData, writeSafetensors } from './write-safetensors.ts';

const golden = new URL('../../../shared/golden/', import.meta.url);
const GOLDEN = [
  'a2d/qwen3',
  'a2d/qwen3-wide-heads',
  'a2d/qwen2',
  'a2d/llama',
  'bert/bert',
  'bert/bert-f16',
  'bert/roberta',
  'dllm/llada',
  'dllm/dream',
];

describe.skipIf(!existsSync(golden))('golden checkpoints', () => {
  test.each(GOLDEN)('%s: every tensor has its place, and none is left over', async (name) => {
    const file = (each: string) => new Uint8Array(readFileSync(new URL(`${name}/${each}`, golden)));
    const source = memorySource(new Map([[WEIGHTS_FILE, file(WEIGHTS_FILE)]]), name);
    const opened = await openWeights(source, await readIndex(source), parseConfig(file('config.json')));
    expect(opened.unused).toEqual([]);
    expect([...opened.weights.tensors.keys()]).toEqual(parameters(opened.arch).map((each) => each.name));
    for (const each of parameters(opened.arch)) {
      expect((await opened.weights.read(each.name)).length).toBe(sizeOf(each) * (name.endsWith('f16') ? 2 : 4));
    }
  });
});

/** Small ones, as their configurations are published. */
const decoder = {
  vocab_size: 31,
  hidden_size: 12,
  intermediate_size: 10,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 8,
};
const encoder = {
  vocab_size: 31,
  hidden_size: 12,
  intermediate_size: 20,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  max_position_embeddings: 18,
  type_vocab_size: 2,
};
const SMALL: Readonly<Record<string, Json>> = {
  bert: { model_type: 'bert', ...encoder },
  roberta: { model_type: 'roberta', ...encoder, type_vocab_size: 1 },
  'xlm-roberta': { model_type: 'xlm-roberta', ...encoder },
  camembert: { model_type: 'camembert', ...encoder },
  qwen3: { model_type: 'qwen3', ...decoder, tie_word_embeddings: true },
  'a2d-qwen3': { model_type: 'a2d-qwen3', ...decoder, tie_word_embeddings: true },
  qwen2: { model_type: 'qwen2', ...decoder },
  'a2d-qwen2': { model_type: 'a2d-qwen2', ...decoder },
  llama: { model_type: 'llama', ...decoder, attention_bias: true, mlp_bias: true },
  'a2d-llama': { model_type: 'a2d-llama', ...decoder },
  Dream: { model_type: 'Dream', ...decoder, mask_token_id: 30, pad_token_id: 3 },
  llada: {
    model_type: 'llada',
    vocab_size: 29,
    embedding_size: 32,
    d_model: 12,
    n_heads: 2,
    n_kv_heads: 1,
    n_layers: 2,
    mlp_hidden_size: 10,
    block_type: 'llama',
    layer_norm_type: 'rms',
    weight_tying: false,
    mask_token_id: 28,
  },
};

/** And of every family that has golden logits: what its folder says is enough for the tests that all families share. */
const EVERY: Readonly<Record<string, Json>> = {
  ...Object.fromEntries(
    FAMILY_GOLDEN.map((name) => {
      const file = new URL(`../engine/golden/${name}/config.json`, import.meta.url);
      const json = JSON.parse(readFileSync(file, 'utf8')) as Json & { readonly model_type: string };
      return [json.model_type, json] as const;
    }),
  ),
  ...SMALL,
};

/** Each tensor filled with a number of its own. */
function stored(described: Described): Map<string, TensorData> {
  const tensors = new Map<string, TensorData>();
  for (const { parts } of tensorsOf(described)) {
    for (const { name, shape } of parts) {
      const values = new Float32Array(sizeOf({ shape })).fill(tensors.size + 1);
      tensors.set(name, { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) });
    }
  }
  return tensors;
}

async function open(json: Json, tensors = stored(readConfig(json)), options = {}) {
  const source = memorySource(new Map([[WEIGHTS_FILE, writeSafetensors(tensors)]]), 'memory');
  return openWeights(source, await readIndex(source), readConfig(json), options);
}

/** What each becomes that can learn to edit. */
const EDITING = Object.entries({
  ...EVERY,
  modernbert: { model_type: 'modernbert', ...encoder, num_attention_heads: 2 },
})
  .map(([modelType, json]) => [editing({ modelType, arch: readConfig(json).arch })?.modelType, json] as const)
  .flatMap(([model_type, json]) => (model_type ? [[model_type, { ...json, model_type }] as const] : []));

test('every family that sees both sides has an Edit Flow, with the names of dLLM where it has one', () => {
  const types = [
    'bert',
    'roberta',
    'xlm-roberta',
    'camembert',
    'distilbert',
    'qwen3',
    'qwen2',
    'llama',
    'dream',
    'llada',
    'modernbert',
  ];
  expect(EDITING.map(([modelType]) => modelType).sort()).toEqual(types.map((type) => `editflow-${type}`).sort());
});

describe.each([...Object.entries(EVERY), ...EDITING])('%s', (modelType, json) => {
  test('opens with every parameter, in float and in count', async () => {
    const { weights, arch, unused } = await open(json);
    expect(unused).toEqual([]);
    expect(weights.parameters).toBe(parameterCount(arch));
    for (const each of parameters(arch)) expect(weights.tensors.get(each.name)?.shape).toEqual(each.shape);
  });

  test('what is written is read back', () => {
    const { arch } = readConfig(json);
    expect(readConfig(writeConfig({ modelType, arch })).arch).toEqual(arch);
  });

  test('wrapper prefixes say nothing', async () => {
    const plain = await open(json);
    for (const wrap of [
      (name: string) => `_orig_mod.${name}`,
      (name: string) => `module.${name}`,
      (name: string) => `module._orig_mod.${name}`,
      (name: string) => `model.${name}`,
      (name: string) => name.replace('layers.', 'layers._orig_mod.'),
      // FSDP, checkpointed activations, a trainer's own name for its model, an adapter's base.
      (name: string) => `_fsdp_wrapped_module.${name}`,
      (name: string) => name.replace('layers.', 'layers._checkpoint_wrapped_module.'),
      (name: string) => `module.student.backbone.${name}`,
      (name: string) => `base_model.model.${name}`,
    ]) {
      const renamed = new Map([...stored(readConfig(json))].map(([name, each]) => [wrap(name), each]));
      const wrapped = await open(json, renamed);
      expect(wrapped.unused).toEqual([]);
      const name = 'layers.1.qkv';
      expect(await wrapped.weights.read(name)).toEqual(await plain.weights.read(name));
    }
  });
});

const firstOf = (arch: Arch) => arch.layers[0] as LayerSpec;

describe('what a row sees, and what it speaks of', () => {
  test.each(['qwen3', 'qwen2', 'llama'])('%s goes from left to right; dLLM\u2019s conversion sees all', (name) => {
    const [ar, masked] = [name, `a2d-${name}`].map((each) => readConfig(SMALL[each] as Json).arch) as [Arch, Arch];
    expect([isCausal(ar), ar.logitShift]).toEqual([true, 1]);
    expect([firstOf(masked).attention.sees, masked.logitShift]).toEqual([SEES_ALL, 0]);
  });
  test('LLaDA sees all, Dream as well, whose rows speak of the next position', () => {
    const [llada, dream] = ['llada', 'Dream'].map((each) => readConfig(SMALL[each] as Json).arch) as [Arch, Arch];
    expect([firstOf(llada).attention.sees, llada.logitShift, llada.vocab]).toEqual([SEES_ALL, 0, 32]);
    expect([firstOf(dream).attention.sees, dream.logitShift]).toEqual([SEES_ALL, 1]);
  });
  test('RoBERTa begins after its padding id, and reads as much less', () => {
    const { positions, maxLength } = readConfig(SMALL['roberta'] as Json).arch;
    expect([positions, maxLength]).toEqual([{ rows: 18, offset: 2 }, 16]);
    expect(readConfig(SMALL['bert'] as Json).arch).toMatchObject({ positions: { rows: 18, offset: 0 }, maxLength: 18 });
  });
});

describe('names found in the wild', () => {
  const json = SMALL['bert'] as Json;
  const bias = 'cls.predictions.bias';

  test('gamma and beta, poolers, position ids, and a decoder that repeats the token table', async () => {
    const tensors = stored(readConfig(json));
    const renamed = new Map(
      [...tensors].map(([name, each]) => [
        name.replace(/LayerNorm.weight$/, 'LayerNorm.gamma').replace(/LayerNorm.bias$/, 'LayerNorm.beta'),
        each,
      ]),
    );
    const table = tensors.get('bert.embeddings.word_embeddings.weight') as TensorData;
    renamed.set('cls.predictions.decoder.weight', table);
    renamed.set('cls.predictions.decoder.bias', tensors.get(bias) as TensorData);
    const extra = { dtype: 'F32', shape: [1], bytes: new Uint8Array(4) };
    renamed.set('bert.pooler.dense.weight', extra);
    renamed.set('bert.embeddings.position_ids', { dtype: 'I64', shape: [1, 2], bytes: new Uint8Array(16) });
    const opened = await open(json, renamed);
    expect(opened.arch.tied).toBe(true);
    expect([...opened.unused].sort()).toEqual([
      'bert.embeddings.position_ids',
      'bert.pooler.dense.weight',
      'cls.predictions.decoder.bias',
      'cls.predictions.decoder.weight',
    ]);
    expect(await opened.weights.read('layers.1.mlpNorm')).toEqual(
      await (await open(json)).weights.read('layers.1.mlpNorm'),
    );
  });

  test('a decoder that differs from the table is a decoder of its own', async () => {
    const tensors = stored(readConfig(json));
    const table = tensors.get('bert.embeddings.word_embeddings.weight') as TensorData;
    const bytes = table.bytes.slice();
    bytes[bytes.length - 1] = 7; // in the last row
    const opened = await open(json, tensors.set('cls.predictions.decoder.weight', { ...table, bytes }));
    expect(opened.arch.tied).toBe(false);
    expect(await opened.weights.read('decoder')).toEqual(bytes);
  });

  test('the bias of the decoder under its second name only', async () => {
    for (const [name, from, to] of [
      ['bert', bias, 'cls.predictions.decoder.bias'],
      ['roberta', 'lm_head.bias', 'lm_head.decoder.bias'],
    ] as const) {
      const tensors = stored(readConfig(SMALL[name] as Json));
      const value = tensors.get(from) as TensorData;
      tensors.delete(from);
      expect((await open(SMALL[name] as Json, tensors.set(to, value))).unused).toEqual([]);
    }
  });

  test('bodies without their prefix', async () => {
    for (const [name, prefix] of [
      ['qwen3', 'model.'],
      ['xlm-roberta', 'roberta.'],
      ['bert', 'bert.'],
    ] as const) {
      const tensors = [...stored(readConfig(SMALL[name] as Json))];
      const bare = new Map(tensors.map(([each, data]) => [each.replace(prefix, ''), data]));
      expect((await open(SMALL[name] as Json, bare)).unused).toEqual([]);
    }
  });

  test('parts of one product in several types are read as float32', async () => {
    const tensors = stored(readConfig(SMALL['qwen2'] as Json));
    const name = 'model.layers.0.self_attn.k_proj.weight';
    const { shape } = tensors.get(name) as TensorData;
    const bytes = new Uint8Array(sizeOf({ shape }) * 2).fill(0x3c); // 0x3c3c is 1.0586 in f16
    const { weights } = await open(SMALL['qwen2'] as Json, tensors.set(name, { dtype: 'F16', shape, bytes }));
    expect(weights.tensors.get('layers.0.qkv')?.dtype).toBe('F32');
    const values = toFloat32(await weights.read('layers.0.qkv'), 'F32');
    expect(values[16 * 12]).toBeCloseTo(1.0586, 4);
    expect(values.length).toBe(32 * 12);
  });
});

describe('heads that are not there', () => {
  test('an encoder opens as a start for training, and is refused for writing in words that say why', async () => {
    for (const name of ['bert', 'roberta', 'modernbert']) {
      const small = { model_type: 'modernbert', ...encoder, hidden_size: 12, num_attention_heads: 2 };
      const json = SMALL[name] ?? small;
      const tensors = stored(readConfig(json));
      for (const key of tensors.keys()) if (/^(cls|lm_head|head|decoder)[.]/.test(key)) tensors.delete(key);
      await expect(open(json, tensors)).rejects.toThrow(/without a language-model head/);
      const { weights, arch, headless } = await open(json, tensors, { newHead: true });
      expect([headless, arch.tied]).toEqual([true, true]);
      for (const each of parameters(arch)) expect(await weights.read(each.name)).toHaveLength(4 * sizeOf(each));
      const dense = toFloat32(await weights.read('head.dense'), 'F32');
      const deviation = Math.sqrt(dense.reduce((sum, x) => sum + x * x, 0) / dense.length);
      expect(deviation).toBeCloseTo(0.02, 2);
      expect(new Set(toFloat32(await weights.read('head.norm'), 'F32'))).toEqual(new Set([1]));
    }
  });

  test('an untied decoder that is not stored is missed by name', async () => {
    for (const name of ['qwen2', 'llada', 'a2d-llama']) {
      const tensors = stored(readConfig(SMALL[name] as Json));
      tensors.delete(name === 'llada' ? 'model.transformer.ff_out.weight' : 'lm_head.weight');
      await expect(open(SMALL[name] as Json, tensors)).rejects.toThrow(/decoder is a matrix of its own/);
    }
    const json = { ...(SMALL['bert'] as Json), tie_word_embeddings: false };
    const tensors = stored(readConfig(json));
    tensors.delete('cls.predictions.decoder.weight');
    await expect(open(json, tensors)).rejects.toThrow(/decoder is a matrix of its own/);
  });
});
