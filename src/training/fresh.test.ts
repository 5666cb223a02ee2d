import { expect, test } from 'vitest';
import { toFloat32 } from '../checkpoint/half.ts';
import { openModel } from '../checkpoint/open.ts';
import { memorySource } from '../checkpoint/sources.ts';
import { isCausal } from '../model/arch.ts';
import { parameters, sizeOf } from '../model/parameters.ts';
import { activate } from './backends.ts';
import { freshModel, freshSurroundings } from './fresh.ts';
import { initialWeights } from './initial-weights.ts';
import { modelFiles } from './model-files.ts';
import { PRESETS, presetSettings } from './presets.ts';
import { openStart } from './start.ts';
import { defaultTrainSettings, parseTrainSettings, TRAIN_SETTING_NAMES, TRAIN_SETTINGS } from './train-settings.ts';
import { Trainable } from './trainable.ts';

const texts = ['Once upon a time there was a small fox. The fox was small, and the time was once. '.repeat(20)];
const settings = { ...defaultTrainSettings(), size: 'mini', vocabulary: 290 } as const;
const open = (files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) =>
  openModel(memorySource(files, 'fresh'), { id: 'fresh' });

test.each(['mdlm', 'next-token'] as const)('a fresh model for %s opens like any other', async (objective) => {
  const model = await open(await freshModel(texts, { ...settings, objective }));
  expect(model.arch).toMatchObject({ vocab: 290, width: 64 });
  expect(isCausal(model.arch)).toBe(objective === 'next-token');
  expect(model.arch.ids).toMatchObject({ mask: 4, pad: 0, sep: 3 });
  expect(model.tokenizer.decode(model.tokenizer.encode('The fox.'))).toBe('The fox.');
  const read = async (name: string) => toFloat32(await model.weights.read(name), 'F32');
  // Through the file and back: the decoder keeps query, key and value apart there.
  for (const name of ['layers.1.qkv', 'layers.2.mlpIn', 'embeddings', 'decoder.bias']) {
    expect(await read(name)).toEqual(toFloat32(await initialWeights(model.arch, settings.seed).read(name), 'F32'));
  }
  expect(new Set(await read('finalNorm'))).toEqual(new Set([1]));
  expect(new Set(await read('decoder.bias'))).toEqual(new Set([0]));
});

test.each([
  ['bert', 'mdlm', 'bert'],
  ['roberta', 'mdlm', 'roberta'],
  ['llama', 'mdlm', 'a2d-llama'],
  ['llama', 'next-token', 'llama'],
] as const)('a fresh %s for %s learns, and opens again as it was saved', async (architecture, objective, modelType) => {
  await activate('wasm');
  const { arch, weights, ...model } = await open(await freshModel(texts, { ...settings, architecture, objective }));
  expect(model.modelType).toBe(modelType);
  expect(isCausal(arch)).toBe(objective === 'next-token');
  const trainable = await Trainable.create(arch, weights);
  const inputs = Int32Array.from(model.tokenizer.encode('The small fox was once upon a time.').slice(0, 8));
  const scored = Int32Array.of(2, 5);
  const question = {
    inputs: inputs.map((id, slot) => (objective === 'mdlm' && scored.includes(slot) ? 4 : id)),
    length: 8,
    scored,
    targets: scored.map((slot) => inputs[slot] as number),
    weights: new Float32Array(2).fill(0.5),
  };
  const how = { lr: 0.003, weightDecay: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, clip: 1 };
  const losses = [];
  for (let step = 0; step < 6; step++) losses.push((await trainable.step(question, how)).loss);
  expect(Math.abs((losses[0] as number) - Math.log(290))).toBeLessThan(0.8);
  expect(losses.at(-1)).toBeLessThan((losses[0] as number) - 1);
  const saved = await trainable.weights();
  trainable.dispose();
  const { around } = await freshSurroundings(texts, { ...settings, architecture, objective });
  const again = await open(modelFiles(around, arch, saved, ''));
  expect(again.arch).toEqual(arch);
  for (const [name, values] of saved) {
    expect(toFloat32(await again.weights.read(name), 'F32'), name).toEqual(values);
  }
});

test('all kinds of one size have as many numbers, but for biases and the table of positions', async () => {
  const sizes = await Promise.all(
    (['modernbert', 'bert', 'roberta', 'llama'] as const).map(async (architecture) => {
      const { arch } = await freshSurroundings(texts, { ...settings, architecture });
      const { rows = 0 } = arch.positions ?? {};
      const counted = parameters(arch).filter(({ kind }) => kind !== 'bias' && kind !== 'norm');
      return counted.reduce((sum, each) => sum + sizeOf(each), 0) - (rows + (arch.tokenTypes ?? 0)) * arch.width;
    }),
  );
  const [first = 0] = sizes;
  // Llama has no dense layer in its head.
  for (const size of sizes) expect(Math.abs(size - first)).toBeLessThanOrEqual(64 * 64);
});

test('a BERT does not learn to predict the next token', async () => {
  const wanted = { ...settings, architecture: 'bert', objective: 'next-token', init: 'fresh' } as const;
  await expect(openStart(wanted, texts, 'fresh')).rejects.toMatchObject({ code: 'settings' });
});

test('the same seed gives the same files, another seed others', async () => {
  const weights = async (seed: number) => {
    const files = await freshModel(texts, { ...settings, seed });
    return Buffer.from(files.get('model.safetensors') as Uint8Array);
  };
  const one = await weights(1);
  expect((await weights(1)).equals(one)).toBe(true);
  expect((await weights(2)).equals(one)).toBe(false);
});

test('characters: a token for each, and a first guess that is uniform', async () => {
  const model = await open(await freshModel(texts, { ...settings, tokenizer: 'characters' }));
  expect(model.arch.vocab).toBe(261);
  const ids = model.tokenizer.encode('The fox.');
  expect(ids).toHaveLength(8);
  await activate('wasm');
  const trainable = await Trainable.create(model.arch, model.weights);
  const scored = Int32Array.from(ids.keys());
  const question = {
    inputs: new Int32Array(8).fill(4),
    length: 8,
    scored,
    targets: Int32Array.from(ids),
    weights: new Float32Array(8),
  };
  for (const crossEntropy of await trainable.crossEntropy(question)) {
    expect(Math.abs(crossEntropy - Math.log(261))).toBeLessThan(0.8);
  }
  trainable.dispose();
});

test.each(PRESETS)('the preset %s fills every field with what the table allows', (name) => {
  const preset = presetSettings(name);
  const texts = TRAIN_SETTING_NAMES.map((each) => [
    TRAIN_SETTINGS[each].key,
    (TRAIN_SETTINGS[each].format as (value: unknown) => string)(preset[each]),
  ]);
  expect(parseTrainSettings(Object.fromEntries(texts))).toEqual(preset);
});
