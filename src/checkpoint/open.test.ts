import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import { endIds } from './end-ids.ts';
import { httpSource } from './http-source.ts';
import type { FileSource } from './model.ts';
import { type DownloadProgress, openModel, openNetwork } from './open.ts';
import { droppedSource, memorySource } from './sources.ts';
import { causalFiles } from './testing/causal-model.ts';
import { type Manners, serve } from './testing/server.ts';

type Files = Map<string, Uint8Array<ArrayBuffer>>;

const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
const shipped: Files = new Map(
  names.map((name) => [
    name,
    new Uint8Array(readFileSync(new URL(`../../public/models/stories/${name}`, import.meta.url))),
  ]),
);
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const jsonOf = (name: string) => JSON.parse(new TextDecoder().decode(shipped.get(name))) as Record<string, unknown>;
const changed = (changes: Record<string, unknown>): Files =>
  new Map([...shipped, ...Object.entries(changes).map(([name, value]) => [name, bytesOf(value)] as const)]);
const inMemory = (files: Files) => memorySource(files, 'memory');
const without = (name: string): Files => new Map([...shipped].filter(([other]) => other !== name));

async function refusal(source: FileSource): Promise<UnmaskError> {
  const error = await openModel(source, { id: 'stories' }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UnmaskError);
  return error as UnmaskError;
}

test('the shipped model opens', async () => {
  const model = await openModel(inMemory(shipped), { id: 'stories' });
  expect(model.id).toBe('stories');
  expect(model.arch.ids.mask).toBe(model.tokenizer.encode('[MASK]')[0]);
  expect(model.chat).toBe(false);
  let elements = 0;
  for (const [name, { shape, byteLength }] of model.weights.tensors) {
    expect(await model.weights.read(name)).toHaveLength(byteLength);
    elements += shape.reduce((product, dim) => product * dim, 1);
  }
  expect(model.weights.parameters).toBe(elements);
});

describe.each<[string, Manners]>([
  ['with ranges', { ranges: true }],
  ['without ranges', {}],
  ['that answers with a page for what it does not have', { pageForMissing: true }],
  ['that refuses what it does not have', { refuseMissing: true }],
])('over HTTP from a server %s', (_, manners) => {
  test('a small model is fetched in one piece per file', async () => {
    await using server = await serve(shipped, manners);
    const progress: DownloadProgress[] = [];
    const model = await openModel(httpSource(server.url), { id: 'stories', onProgress: (step) => progress.push(step) });
    for (const name of model.weights.tensors.keys()) await model.weights.read(name);
    expect([...server.requests].sort()).toEqual([
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const size = shipped.get('model.safetensors')?.length;
    expect(progress.at(-1)).toEqual({ file: 'model.safetensors', loaded: size, total: size });
  });
});

test('a large model is read tensor by tensor, and reading it reports progress', async () => {
  const memory = inMemory(shipped);
  const asked: number[] = [];
  const large: FileSource = {
    ...memory,
    readAll: async (name, options) => (name === 'model.safetensors' ? 'large' : memory.readAll(name, options)),
    read: async (name, start, end) => {
      asked.push(end - start);
      return memory.read(name, start, end);
    },
  };
  const progress: DownloadProgress[] = [];
  const model = await openModel(large, { id: 'stories', onProgress: (step) => progress.push(step) });
  expect(asked).toHaveLength(2); // header length, header
  for (const name of model.weights.tensors.keys()) await model.weights.read(name);
  const total = [...model.weights.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(progress.at(-1)).toEqual({ file: 'model.safetensors', loaded: total, total });
});

test('the network alone needs no tokenizer', async () => {
  const { arch, weights, unused } = await openNetwork(inMemory(without('tokenizer.json')));
  expect(arch.ids.mask).toBe(4);
  expect(weights.tensors.size).toBeGreaterThan(40);
  expect(unused).toEqual([]);
});

test('dropped files open, and a tokenizer_config.json is heeded', async () => {
  const template = { mask_token: { content: '[MASK]' }, chat_template: '[Answer]\n' };
  const files = [...changed({ 'tokenizer_config.json': template })].map(([name, bytes]) => new File([bytes], name));
  expect((await openModel(droppedSource(files), { id: 'mine' })).chat).toBe(true);
});

test('a chat template that lies alone beside the model is used', async () => {
  const files = new Map([
    ...shipped,
    ['chat_template.jinja', new TextEncoder().encode('Q: {{ messages[0].content }}')],
  ]);
  const { chatTemplate } = await openModel(memorySource(files, 'a test'), { id: 'mine' });
  expect(chatTemplate?.render([{ role: 'user', content: 'x' }], true)).toBe('Q: x');
});

test('a template is given the tokens that special_tokens_map.json names alone', async () => {
  const json = (value: object) => new TextEncoder().encode(JSON.stringify(value));
  const files = new Map([
    ...shipped,
    ['tokenizer_config.json', json({ chat_template: '{{ eos_token }}{{ additional_special_tokens | join }}' })],
    ['special_tokens_map.json', json({ eos_token: { content: '[SEP]' }, additional_special_tokens: ['<a>', '<b>'] })],
  ]);
  const { chatTemplate } = await openModel(memorySource(files, 'a test'), { id: 'mine' });
  expect(chatTemplate?.render([{ role: 'user', content: 'x' }], true)).toBe('[SEP]<a><b>');
});

describe('a mask that is not called [MASK]', () => {
  /** The shipped tokenizer with its mask under another name, as RoBERTa's and dLLM's converted decoders have it. */
  const called = (name: string, more: Record<string, unknown> = {}) => {
    const words = JSON.stringify(jsonOf('tokenizer.json')).replaceAll(JSON.stringify('[MASK]'), JSON.stringify(name));
    const { mask_token_id: _, ...config } = jsonOf('config.json') as Record<string, unknown>;
    return changed({ 'tokenizer.json': JSON.parse(words), 'config.json': config, ...more });
  };
  const maskOf = async (files: Map<string, Uint8Array<ArrayBuffer>>) =>
    (await openModel(memorySource(files, 'a test'), { id: 'mine' })).arch.ids.mask;

  test.each(['<mask>', '<|mask|>', '<|mdm_mask|>', '[mask]'])('but %s is found by its name', async (name) => {
    const usual = (await openModel(memorySource(shipped, 'a test'), { id: 'stories' })).arch.ids.mask;
    expect(await maskOf(called(name))).toBe(usual);
  });

  test('is found where special_tokens_map.json names it', async () => {
    const map = { 'special_tokens_map.json': { mask_token: { content: '<blank>' } } };
    expect(await maskOf(called('<blank>', map))).toBeDefined();
    await expect(maskOf(called('<blank>'))).rejects.toMatchObject({ code: 'tokenizer' });
  });
});

test('a chat ends where its tokenizer says, not where config.json does; without an end token it pads', async () => {
  const chat = { chat_template: '[Answer]\n' };
  const idsWith = async (habits: object) => {
    const files = changed({ 'tokenizer_config.json': habits });
    return (await openModel(memorySource(files, 'a test'), { id: 'mine' })).arch.ids;
  };
  const plain = await idsWith({});
  expect(plain.eos).toBeDefined();
  expect(await idsWith(chat)).toMatchObject({ pad: plain.pad, eos: undefined });
  expect(await idsWith({ ...chat, eos_token: '[CLS]' })).toMatchObject({ pad: plain.pad, eos: plain.cls });
});

test('a causal model ends where generation_config.json says, too; a masked one does not', async () => {
  const generation = new TextEncoder().encode(JSON.stringify({ eos_token_id: [7, 3, 4096, -1, 'x', null] }));
  const ends = async (files: Map<string, Uint8Array<ArrayBuffer>>) => {
    const source = memorySource(new Map([...files, ['generation_config.json', generation]]), 'a test');
    return endIds((await openModel(source, { id: 'mine' })).arch);
  };
  expect(await ends(causalFiles('llama'))).toEqual([3, 7]);
  const masked = endIds((await openModel(memorySource(shipped, 'a test'), { id: 'stories' })).arch);
  expect(await ends(shipped)).toEqual(masked);
});

test('the vocabulary of the model may be padded beyond its tokenizer', async () => {
  const { model, ...rest } = jsonOf('tokenizer.json') as {
    model: { vocab: Record<string, number>; merges: unknown[] };
  };
  const vocab = Object.fromEntries(Object.entries(model.vocab).filter(([, id]) => id < 4000));
  const merges = model.merges.filter((pair) => (pair as string[]).join('') in vocab);
  const files = changed({ 'tokenizer.json': { ...rest, model: { ...model, vocab, merges } } });
  const opened = await openModel(inMemory(files), { id: 'stories' });
  expect(opened.tokenizer.decode(opened.tokenizer.encode('Once upon a time'))).toBe('Once upon a time');
});

test('a causal model without a mask token has none, and its open slots hold no token', async () => {
  const { added_tokens, ...rest } = jsonOf('tokenizer.json') as {
    added_tokens: { content: string }[];
    model: { vocab: object };
  };
  const { '[MASK]': _, ...vocab } = rest.model.vocab as Record<string, number>;
  const { mask_token_id, ...config } = jsonOf('config.json');
  const files = changed({
    'config.json': { ...config, model_type: 'modernbert-decoder' },
    'tokenizer.json': {
      ...rest,
      model: { ...rest.model, vocab },
      added_tokens: added_tokens.filter(({ content }) => content !== '[MASK]'),
    },
  });
  expect((await openModel(inMemory(files), { id: 'ar' })).arch.ids.mask).toBeUndefined();
  files.set('config.json', bytesOf(config));
  expect(await refusal(inMemory(files))).toMatchObject({ code: 'tokenizer' });
});

describe('refused in words:', () => {
  test.each(names)('%s is missing', async (name) => {
    const error = await refusal(inMemory(without(name)));
    expect(error).toMatchObject({ code: 'checkpoint', file: name });
    expect(error.message).toBe(`memory has no ${name}.`);
    expect(error.remedy).toMatch(/config.json, tokenizer.json and model.safetensors/);
  });

  test.each(names)('a web page stands in the place of %s', async (name) => {
    await using server = await serve(without(name), { pageForMissing: true });
    const error = await refusal(httpSource(server.url));
    expect(error).toMatchObject({ code: 'network', file: name });
    expect(error.message).toMatch(/answers with a web page where/);
  });

  test('the weights are cut short', async () => {
    const weights = shipped.get('model.safetensors') as Uint8Array<ArrayBuffer>;
    const error = await refusal(inMemory(new Map([...shipped, ['model.safetensors', weights.slice(0, 1_000_000)]])));
    expect(error).toMatchObject({ code: 'checkpoint', file: 'model.safetensors' });
    expect(error.message).toMatch(/cut short/);
  });

  test('the tokenizer is that of a larger model', async () => {
    const tokenizer = jsonOf('tokenizer.json') as { model: { vocab: object } };
    const model = { ...tokenizer.model, vocab: { ...tokenizer.model.vocab, extra: 4096 } };
    const error = await refusal(inMemory(changed({ 'tokenizer.json': { ...tokenizer, model } })));
    expect(error).toMatchObject({ code: 'tokenizer' });
    expect(error.message).toMatch(/ids up to 4096, but the model knows 4096 tokens/);
  });

  test.each(['config.json', 'tokenizer.json'])('%s is not JSON', async (name) => {
    const files = new Map([...shipped, [name, new TextEncoder().encode('{')]]);
    const error = await refusal(inMemory(files as Files));
    expect(error).toMatchObject({ code: name === 'config.json' ? 'checkpoint' : 'tokenizer', file: name });
  });
});

test('aborting rejects with the reason of the signal', async () => {
  await using server = await serve(shipped);
  const signal = AbortSignal.abort(new Error('changed my mind'));
  await expect(openModel(httpSource(server.url), { id: 'stories', signal })).rejects.toThrow('changed my mind');
});
