/** Adapters against PEFT: opened, switched, weighed and merged, learnt, and written. */
import '@tensorflow/tfjs-backend-wasm';
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { mergeAdapter } from '../checkpoint/adapter/merge.ts';
import { ADAPTER_FILE, openAdapter } from '../checkpoint/adapter/open.ts';
import { adapterFiles } from '../checkpoint/adapter/write.ts';
import type { TensorInfo, Weights } from '../checkpoint/model.ts';
import { readHeader } from '../checkpoint/safetensors.ts';
import { memorySource } from '../checkpoint/sources.ts';
import { type TensorData, writeSafetensors } from '../checkpoint/write-safetensors.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { predictOne } from '../diffusion/network.ts';
import type { Arch } from '../model/arch.ts';
import { isNamed } from '../model/lora.ts';
import { FallbackNetwork } from './fallback-network.ts';
import { plainLogits } from './logits.ts';
import { adapterOf } from './low-rank.ts';
import { ADAPTERS, adapterSource, farthest, openGoldenAdapter } from './testing/adapters.ts';
import { BARE, worstOf } from './testing/gradients.ts';
import { Trainable } from './trainable.ts';

beforeAll(() => setBackend('wasm'));

/** Of both canvases of the question. */
async function logitsOf(network: { arch: Arch; weights: Weights }, inputs: Int32Array, length: number) {
  const rows: number[] = [];
  for (let at = 0; at < inputs.length; at += length) {
    for await (const some of plainLogits(network, inputs.slice(at, at + length), 64)) rows.push(...some);
  }
  return Float32Array.from(rows);
}

describe.each([...ADAPTERS, 'whole'] as const)('%s', (name) => {
  test('merged it gives the logits of PEFT with the adapter on, at half its weight, and off', async () => {
    const { base, adapter, logits } = await openGoldenAdapter(name);
    const { inputs, length } = base.question;
    const at = (weight: number) => logitsOf(mergeAdapter(base, adapter, weight), inputs, length);
    expect(farthest(await at(1), logits.get('on') as Float32Array)).toBeLessThan(2e-5);
    const half = logits.get('half');
    if (half) expect(farthest(await at(0.5), half)).toBeLessThan(2e-5);
    expect(await at(0)).toEqual(await logitsOf(base, inputs, length));
    // Where biases learn PEFT cannot switch them off again.
    if (name !== 'whole') expect(farthest(await at(0), logits.get('off') as Float32Array)).toBeLessThan(2e-5);
  });

  test('written and opened again it is the same', async () => {
    const { base, adapter } = await openGoldenAdapter(name);
    const files = memorySource(adapterFiles(adapter, base), 'what was written');
    expect(await openAdapter(files, base, { id: name })).toEqual(adapter);
    // PEFT's own names, all of them.
    const names = (bytes: unknown) => Object.keys(headerOf(bytes as Uint8Array)).sort();
    expect(names(await files.readAll('adapter_model.safetensors'))).toEqual(
      names(await adapterSource(name).readAll('adapter_model.safetensors')),
    );
  });
});

test('a table that PEFT kept whole beside its low rank lies under it, and what its wrapper put aside is passed over', async () => {
  const { base, adapter, logits } = await openGoldenAdapter('whole');
  const written = adapterFiles(adapter, base);
  const file = memorySource(written, 'what was written');
  const tensors = new Map<string, TensorData>();
  for (const [name, { dtype, shape, start, end }] of await readHeader(file, ADAPTER_FILE)) {
    tensors.set(name, { dtype, shape, bytes: await file.read(ADAPTER_FILE, start, end) });
  }
  const table = base.weights.tensors.get('embeddings') as TensorInfo;
  const stray = { dtype: 'F32', shape: [1], bytes: new Uint8Array(4) };
  tensors
    .set('base_model.model.model.embeddings.tok_embeddings.base_layer.weight', {
      ...table,
      bytes: await base.weights.read('embeddings'),
    })
    .set('base_model.model.head.dense.original_module.bias', stray)
    .set('base_model.model.head.dense.modules_to_save.bias', stray);
  written.set(ADAPTER_FILE, writeSafetensors(tensors));
  const opened = await openAdapter(memorySource(written, 'with more'), base, { id: 'x' });
  expect(opened.replaced).toHaveLength(adapter.replaced.length + 1);
  const { inputs, length } = base.question;
  const got = await logitsOf(mergeAdapter(base, opened), inputs, length);
  expect(farthest(got, logits.get('on') as Float32Array)).toBeLessThan(2e-5);
});

describe.each(ADAPTERS)('%s', (name) => {
  test('loss and gradients of one step, and three steps, are those of PEFT; the base stays as it was', async () => {
    const { base, adapter, start, losses, gradNorms, gradients } = await openGoldenAdapter(name);
    const plan = { places: adapter.lowRank, dropout: 0, seed: 1, start };
    const bare = await Trainable.create(base.arch, base.weights, { adapter: plan });
    const { loss, gradNorm } = await bare.step(base.question, BARE);
    expect(Math.abs(loss / (losses[0] as number) - 1)).toBeLessThan(1e-5);
    expect(Math.abs(gradNorm / (gradNorms[0] as number) - 1)).toBeLessThan(1e-5);
    expect(worstOf((await bare.optimiserState()).first, gradients)).toBeLessThan(1e-4);
    bare.dispose();

    const model = await Trainable.create(base.arch, base.weights, { adapter: plan });
    for (const [step, wanted] of losses.entries()) {
      const { loss: got } = await model.step(base.question, base.adamw);
      expect(Math.abs(got / wanted - 1), `step ${step}`).toBeLessThan(1e-4);
    }
    // All that it tells, and keeps moments of, are the low ranks.
    expect([...(await model.weights()).keys()].sort()).toEqual([...start.keys()].sort());
    expect([...(await model.optimiserState()).first.keys()].sort()).toEqual([...start.keys()].sort());
    // What it has learnt, merged into the base, answers as the network that learnt it.
    const learnt = adapterOf({ ...adapter }, adapter.lowRank, await model.weights());
    const merged = await Trainable.create(base.arch, mergeAdapter(base, learnt).weights);
    const [own, other] = [await model.crossEntropy(base.question), await merged.crossEntropy(base.question)];
    expect(farthest(other, own)).toBeLessThan(2e-5);
    model.dispose();
    merged.dispose();
  });
});

test.each(ADAPTERS)(
  'in use on the fallback: on, weighed and off, and nothing remembered in between: %s',
  async (name) => {
    const { base, adapter, logits } = await openGoldenAdapter(name);
    const { inputs, length } = base.question;
    const before = memory().numTensors;
    const network = await FallbackNetwork.create(base);
    const { vocabSize } = network.info;
    const [row, topK] = [3, 8];
    const draw = { seed: 0, step: 0, temperature: 0 };
    const question = { ids: inputs.slice(0, length), asked: Int32Array.of(row), draw };
    const ask = async () => (await predictOne(network, question, { topK })).topLogProbs;
    const wanted = (which: string) => {
      const all = logits.get(which) as Float32Array;
      const own = all.subarray(row * vocabSize, (row + 1) * vocabSize);
      const most = Math.max(...own);
      const sum = most + Math.log(own.reduce((total, logit) => total + Math.exp(logit - most), 0));
      const descending = own
        .map((logit) => logit - sum)
        .sort()
        .reverse();
      return descending.subarray(0, topK);
    };
    const off = await ask();
    await network.setAdapter(adapter);
    expect(farthest(await ask(), wanted('on'))).toBeLessThan(2e-5);
    await network.setAdapter(adapter, 0.5);
    expect(farthest(await ask(), wanted('half'))).toBeLessThan(2e-5);
    await network.setAdapter(adapter, 0);
    expect(await ask()).toEqual(off);
    await network.setAdapter(adapter);
    network.dispose();
    expect(memory().numTensors).toBe(before);
  },
);

test('a fresh adapter changes nothing, begins as PEFT begins, and leaves no tensor behind', async () => {
  const { base, adapter } = await openGoldenAdapter('modernbert');
  const before = memory().numTensors;
  const plan = { places: adapter.lowRank, dropout: 0.5, seed: 7 };
  const model = await Trainable.create(base.arch, base.weights, { adapter: plan });
  const whole = await Trainable.create(base.arch, base.weights);
  expect(farthest(await model.crossEntropy(base.question), await whole.crossEntropy(base.question))).toBeLessThan(1e-6);
  for (const [name, values] of await model.weights()) {
    if (name.includes('lora_B')) expect(values.every((value) => value === 0)).toBe(true);
    else {
      const bound = 1 / Math.sqrt(values.length / 3);
      const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      expect(Math.max(...values.map(Math.abs))).toBeLessThan(bound);
      expect(Math.abs(square / (bound * bound) - 1 / 3)).toBeLessThan(0.15);
    }
  }
  // Dropout is of a step, the same each time, and not of what is only asked.
  const draw = { seed: 7, step: 3 };
  const lossOf = async () => (await model.step(base.question, { ...base.adamw, lr: 0, draw })).loss;
  await model.step(base.question, { ...base.adamw, lr: 0.1 });
  const [one, two, without] = [await lossOf(), await lossOf(), (await model.step(base.question, { ...BARE })).loss];
  expect(one).toBe(two);
  expect(one).not.toBe(without);
  model.dispose();
  whole.dispose();
  expect(memory().numTensors).toBe(before);
});

describe('what an adapter cannot be', () => {
  const opened = async (change: (config: Record<string, unknown>) => void) => {
    const { base } = await openGoldenAdapter('modernbert');
    const source = adapterSource('modernbert');
    const config = JSON.parse(new TextDecoder().decode((await source.readAll('adapter_config.json')) as Uint8Array));
    change(config);
    const files = new Map([
      ['adapter_config.json', new TextEncoder().encode(JSON.stringify(config))],
      ['adapter_model.safetensors', (await source.readAll('adapter_model.safetensors')) as Uint8Array<ArrayBuffer>],
    ]);
    return openAdapter(memorySource(files, 'a folder'), base, { id: 'x' }).then(
      () => undefined,
      (error: unknown) => (error instanceof UnmaskError && error.code === 'checkpoint' ? error.message : 'another'),
    );
  };

  test.each([
    ['use_dora', true, 'DoRA'],
    ['peft_type', 'LOHA', 'LOHA'],
    ['lora_bias', true, 'lora_bias'],
    ['trainable_token_indices', [3], 'trainable_token_indices'],
    ['layer_replication', [[0, 2]], 'layer_replication'],
    ['init_lora_weights', 'pissa', 'pissa'],
    ['a_key_of_tomorrow', 'on', 'a_key_of_tomorrow'],
    ['target_modules', '(', '('],
    ['r', 0, 'r in'],
    ['r', 5, 'has shape'],
  ])('%s = %j is refused by name', async (key, value, words) => {
    expect(await opened((config) => Object.assign(config, { [key]: value }))).toContain(words);
  });

  test('values that are no numbers are refused', async () => {
    const { base, adapter } = await openGoldenAdapter('modernbert');
    const broken = adapter.lowRank.map((each, i) => (i === 1 ? { ...each, b: each.b.map(() => Number.NaN) } : each));
    const files = memorySource(adapterFiles({ ...adapter, lowRank: broken }, base), 'a run that diverged');
    await expect(openAdapter(files, base, { id: 'x' })).rejects.toThrow('not finite');
  });

  test('what says nothing does no harm, nor does an expression as Python writes it', async () => {
    expect(await opened((config) => Object.assign(config, { a_key_of_tomorrow: null, peft_version: '9' }))).toBe(
      undefined,
    );
    const expression = '(?P<before>.*)[.](Wqkv|Wi)';
    expect(await opened((config) => Object.assign(config, { target_modules: expression }))).toBe(undefined);
    expect(isNamed({ expression }, 'layers.0.attn.Wqkv')).toBe(true);
  });
});

function headerOf(bytes: Uint8Array): object {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const { __metadata__: _, ...tensors } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  return tensors;
}
