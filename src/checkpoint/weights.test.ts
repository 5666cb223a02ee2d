import { describe, expect, test } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import { type Described, readConfig, tensorsOf as sourcesOf } from '../model/families/index.ts';
import { parameterCount } from '../model/parameters.ts';
import { readIndex } from './shards.ts';
import { memorySource } from './sources.ts';
import { openWeights } from './weights.ts';
import { type TensorData, writeSafetensors } from './write-safetensors.ts';

const FILE = 'model.safetensors';
const tiny = {
  model_type: 'modernbert',
  vocab_size: 7,
  hidden_size: 4,
  num_attention_heads: 2,
  num_hidden_layers: 2,
  intermediate_size: 3,
};

type Tensors = Map<string, TensorData>;

/** Stored tensors under Hugging Face's names, each filled with its own byte. */
function tensorsOf(described: Described, rename = (name: string) => name): Tensors {
  const tensors: Tensors = new Map();
  for (const { parts } of sourcesOf(described)) {
    for (const { name, shape } of parts) tensors.set(rename(name), tensor(shape, tensors.size + 1));
  }
  return tensors;
}

function tensor(shape: readonly number[], fill: number, dtype = 'F16'): TensorData {
  const bytes = new Uint8Array(shape.reduce((product, dim) => product * dim, dtype === 'F32' ? 4 : 2)).fill(fill);
  return { dtype, shape, bytes };
}

async function open(described: Described, tensors: Tensors) {
  const source = memorySource(new Map([[FILE, writeSafetensors(tensors)]]), 'memory');
  return openWeights(source, await readIndex(source), described);
}

const described = readConfig(tiny);

test('the parameter counts of the published models', () => {
  const count = (json: object) => parameterCount(readConfig({ model_type: 'modernbert', ...json }).arch);
  const large = { hidden_size: 1024, num_hidden_layers: 28, num_attention_heads: 16, intermediate_size: 2624 };
  // As many as the files of answerdotai/ModernBERT-base and -large on the hub hold.
  expect(count({})).toBe(149_655_232);
  expect(count(large)).toBe(395_881_664);
  expect(count({ tie_word_embeddings: false })).toBe(188_337_856);
});

test('the first layer has no attention norm', async () => {
  const { weights } = await open(described, tensorsOf(described));
  expect(weights.tensors.has('layers.0.attnNorm')).toBe(false);
  expect(weights.tensors.has('layers.1.attnNorm')).toBe(true);
  expect(weights.tensors.get('layers.0.mlpIn')).toEqual({ dtype: 'F16', shape: [6, 4], byteLength: 48 });
});

test('names without the model. prefix are the same model', async () => {
  const plain = await open(described, tensorsOf(described));
  const bare = await open(
    described,
    tensorsOf(described, (name) => name.replace(/^model\./, '')),
  );
  expect([...bare.weights.tensors]).toEqual([...plain.weights.tensors]);
  expect(await bare.weights.read('finalNorm')).toEqual(await plain.weights.read('finalNorm'));
  expect(bare.unused).toEqual([]);
});

test('the decoder’s query, key and value are read as one matrix, in this order', async () => {
  const causal = readConfig({ ...tiny, model_type: 'modernbert-decoder', attention_bias: true });
  const tensors = tensorsOf(causal, (name) => name.replace(/^head\./, 'lm_head.'));
  for (const layer of [0, 1]) {
    for (const kind of ['weight', 'bias']) {
      const shape = kind === 'weight' ? [4, 4] : [4];
      tensors.delete(`model.layers.${layer}.attn.Wqkv.${kind}`);
      ['q', 'k', 'v'].forEach((part, i) => {
        tensors.set(`model.layers.${layer}.attn.${part}_proj.${kind}`, tensor(shape, 100 + i));
      });
    }
  }
  const { weights, unused } = await open(causal, tensors);
  expect(unused).toEqual([]);
  expect(weights.tensors.get('layers.1.qkv')).toEqual({
    dtype: 'F16',
    shape: [12, 4],
    byteLength: 96,
    parts: [4, 4, 4],
  });
  const expected = Uint8Array.from({ length: 96 }, (_, i) => 100 + Math.floor(i / 32));
  expect(await weights.read('layers.1.qkv')).toEqual(expected);
  for (const [from, to] of [
    [0, 12],
    [3, 9],
    [4, 8],
    [11, 12],
    [5, 5],
  ] as const) {
    expect(await weights.readRows?.('layers.1.qkv', from, to)).toEqual(expected.slice(from * 8, to * 8));
  }
  expect(await weights.read('layers.1.qkv.bias')).toEqual(
    Uint8Array.from({ length: 24 }, (_, i) => 100 + Math.floor(i / 8)),
  );
  expect(weights.tensors.has('head.dense')).toBe(true);
});

test('biases are read where the configuration has them', async () => {
  const keys = ['attention_bias', 'mlp_bias', 'norm_bias', 'classifier_bias'];
  const biased = readConfig({
    ...tiny,
    ...Object.fromEntries(keys.map((key) => [key, true])),
    decoder_bias: false,
  });
  const { weights } = await open(biased, tensorsOf(biased));
  const biases = [...weights.tensors.keys()].filter((name) => name.endsWith('.bias') && !name.startsWith('layers.1.'));
  expect(biases).toEqual([
    'embeddings.norm.bias',
    'layers.0.qkv.bias',
    'layers.0.attnOut.bias',
    'layers.0.mlpNorm.bias',
    'layers.0.mlpIn.bias',
    'layers.0.mlpOut.bias',
    'finalNorm.bias',
    'head.dense.bias',
    'head.norm.bias',
  ]);
});

test('a stored decoder matrix is used even where the configuration says tied', async () => {
  const tensors = tensorsOf(described).set('decoder.weight', tensor([7, 4], 200));
  const opened = await open(described, tensors);
  expect(opened.arch.tied).toBe(false);
  expect((await opened.weights.read('decoder'))[0]).toBe(200);
  expect(opened.weights.parameters).toBe((await open(described, tensorsOf(described))).weights.parameters + 28);
});

test('tensors that the model does not use are listed', async () => {
  const tensors = tensorsOf(described).set('model.rotary.inv_freq', tensor([2], 1, 'F32'));
  tensors.set('classifier.weight', tensor([2, 4], 1, 'I16')); // even of a type that cannot be computed with
  expect([...(await open(described, tensors)).unused].sort()).toEqual(['classifier.weight', 'model.rotary.inv_freq']);
});

describe('refused, with the tensor named, when', () => {
  test.each<[string, string, TensorData | undefined, RegExp]>([
    ['one is missing', 'model.layers.1.mlp.Wi.weight', undefined, /no tensor model.layers.1.mlp.Wi.weight/],
    ['the head is missing', 'head.dense.weight', undefined, /without a language-model head/],
    ['the decoder bias is missing', 'decoder.bias', undefined, /without a language-model head/],
    ['a matrix is transposed', 'model.layers.0.mlp.Wo.weight', tensor([3, 4], 1), /shape \[3,4\].*asks for \[4,3\]/],
    ['a norm has two axes', 'model.final_norm.weight', tensor([4, 1], 1), /shape \[4,1\]/],
    ['the vocabulary differs', 'decoder.bias', tensor([8], 1), /asks for \[7\]/],
    ['one is quantised', 'model.layers.0.attn.Wo.weight', tensor([4, 4], 1, 'I16'), /stored as I16/],
  ])('%s', async (_, name, replacement, words) => {
    const tensors = tensorsOf(described);
    if (replacement === undefined) tensors.delete(name);
    else tensors.set(name, replacement);
    const refusal = open(described, tensors);
    await expect(refusal).rejects.toThrow(words);
    await expect(refusal).rejects.toMatchObject({ code: 'checkpoint', tensor: name });
  });

  test('query and value differ in type: they are read as the wider', async () => {
    const tensors = tensorsOf(described);
    for (const layer of [0, 1]) {
      tensors.delete(`model.layers.${layer}.attn.Wqkv.weight`);
      for (const part of ['q', 'k', 'v']) {
        tensors.set(`model.layers.${layer}.attn.${part}_proj.weight`, tensor([4, 4], 1, part === 'v' ? 'F32' : 'F16'));
      }
    }
    expect((await open(described, tensors)).weights.tensors.get('layers.0.qkv')?.dtype).toBe('F32');
  });

  test('an unknown name is read', async () => {
    const { weights } = await open(described, tensorsOf(described));
    await expect(weights.read('layers.9.qkv')).rejects.toBeInstanceOf(UnmaskError);
  });
});

describe('shards', () => {
  const tensors = [...tensorsOf(described)];
  const first = tensors.slice(0, 5);
  const second = tensors.slice(5);
  const map = (entries: typeof tensors, file: string) => entries.map(([name]) => [name, file]);
  const places = Object.fromEntries([...map(first, 'a.safetensors'), ...map(second, 'b.safetensors')]);
  const shards = (weightMap: unknown) =>
    memorySource(
      new Map([
        ['model.safetensors.index.json', new TextEncoder().encode(JSON.stringify({ weight_map: weightMap }))],
        ['a.safetensors', writeSafetensors(first)],
        ['b.safetensors', writeSafetensors(second)],
      ]),
      'memory',
    );

  test('are one model', async () => {
    const source = shards(places);
    const { weights } = await openWeights(source, await readIndex(source), described);
    const whole = await open(described, new Map(tensors));
    for (const name of weights.tensors.keys()) {
      expect(await weights.read(name)).toEqual(await whole.weights.read(name));
    }
  });

  test.each<[string, unknown, RegExp]>([
    ['a shard is missing', { ...places, 'decoder.bias': 'c.safetensors' }, /c.safetensors is missing/],
    ['a tensor is in another shard', { ...places, 'decoder.bias': 'a.safetensors' }, /lacks the tensor decoder.bias/],
    ['a shard is in another folder', { 'decoder.bias': '../a.safetensors' }, /not a safetensors file beside it/],
    ['the map is a list', [], /weight_map/],
  ])('are refused when %s', async (_, weightMap, words) => {
    await expect(readIndex(shards(weightMap))).rejects.toThrow(words);
  });

  test('and no weights at all are told', async () => {
    await expect(readIndex(memorySource(new Map(), 'the folder'))).rejects.toThrow(
      /the folder has no model.safetensors/,
    );
  });
});
