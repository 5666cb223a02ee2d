import { describe, expect, test } from 'vitest';
import { parseConfig } from '../checkpoint/config.ts';
import { toFloat32 } from '../checkpoint/half.ts';
import { openModel } from '../checkpoint/open.ts';
import { memorySource } from '../checkpoint/sources.ts';
import { isCausal } from '../model/arch.ts';
import { isAutoregressive, openConverted } from './a2d.ts';
import { freshModel } from './fresh.ts';
import { modelFiles, readSurroundings, utf8 } from './model-files.ts';
import { openFor } from './start.ts';
import { defaultTrainSettings, type TrainSettings } from './train-settings.ts';

const TEXTS = ['One day a cat sat on a mat. The cat was happy.'];

type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
const made = new Map<string, Promise<Files>>();

/** Files of a small model, to be changed at will. */
async function autoregressive(architecture: TrainSettings['architecture']) {
  const settings = { ...defaultTrainSettings(), architecture, vocabulary: 270, length: 16 } as const;
  const files = made.get(architecture) ?? freshModel(TEXTS, { ...settings, objective: 'next-token' });
  made.set(architecture, files);
  return new Map(await files);
}

const json = (bytes: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(bytes));

describe.each([
  ['llama', 'a2d-llama', 'A2DLlamaLMHeadModel'],
  ['modernbert', 'modernbert', 'ModernBertForMaskedLM'],
] as const)('%s', (architecture, modelType, className) => {
  test('sees all, speaks of its own position, and keeps every weight', async () => {
    const source = memorySource(await autoregressive(architecture), 'here');
    expect(await isAutoregressive(source)).toBe(true);
    const before = await openModel(source, { id: 'before' });
    const { model } = await openConverted(source, { id: 'after' });
    expect(model.modelType).toBe(modelType);
    expect([isCausal(before.arch), isCausal(model.arch)]).toEqual([true, false]);
    expect([before.arch.logitShift, model.arch.logitShift]).toEqual([1, 0]);
    expect(model.maskText).toBe('[MASK]');
    expect(model.arch.ids).toEqual(before.arch.ids);
    expect([...model.weights.tensors.keys()]).toEqual([...before.weights.tensors.keys()]);
    for (const name of model.weights.tensors.keys()) {
      expect(Buffer.compare(await model.weights.read(name), await before.weights.read(name))).toBe(0);
    }
  });

  test('is written so that it opens as what it has become', async () => {
    const { model, source } = await openConverted(memorySource(await autoregressive(architecture), 'here'), {
      id: 'a',
    });
    const around = await readSurroundings(source);
    const weights = new Map<string, Float32Array>();
    for (const [name, { dtype }] of model.weights.tensors) {
      weights.set(name, toFloat32(await model.weights.read(name), dtype));
    }
    const files = modelFiles(around, model.arch, weights, '');
    expect(json(files.get('config.json'))).toMatchObject({ model_type: modelType, architectures: [className] });
    const again = await openModel(memorySource(files, 'there'), { id: 'again' });
    expect(again.arch).toEqual(model.arch);
    expect(await isAutoregressive(memorySource(files, 'there'))).toBe(false);
  });

  test('is converted for objectives that diffuse only, and can be made to forget', async () => {
    const source = memorySource(await autoregressive(architecture), 'here');
    const open = async (changes: Partial<TrainSettings>) =>
      (await openFor({ ...defaultTrainSettings(), ...changes }, source)).model;
    expect(isCausal((await open({ objective: 'next-token' })).arch)).toBe(true);
    const [kept, forgot] = [
      await open({ objective: 'bd3lm' }),
      await open({ objective: 'mdlm', forget: true, seed: 7 }),
    ];
    expect(kept.modelType).toBe(modelType);
    expect(forgot.arch).toEqual(kept.arch);
    expect([...forgot.weights.tensors.keys()]).toEqual([...kept.weights.tensors.keys()]);
    const tables = [await forgot.weights.read('embeddings'), await kept.weights.read('embeddings')] as const;
    expect(Buffer.compare(...tables)).not.toBe(0);
  });
});

test('a model without a mask token gets one, and a row for it where the table is full', async () => {
  const files = await autoregressive('llama');
  const without = (name: string, change: (value: Record<string, unknown>) => unknown) =>
    files.set(name, utf8(JSON.stringify(change(json(files.get(name))))));
  without('config.json', ({ mask_token_id: _, ...rest }) => rest);
  without('tokenizer_config.json', ({ mask_token: _, ...rest }) => rest);
  without('tokenizer.json', ({ added_tokens, ...rest }) => ({
    ...JSON.parse(JSON.stringify(rest).replace('[MASK]', '[SPARE]')),
    // Under a name that says nothing.
    added_tokens: (added_tokens as { content: string }[]).map((token) =>
      token.content === '[MASK]' ? { ...token, content: '[SPARE]' } : token,
    ),
  }));
  const source = memorySource(files, 'here');
  const before = await openModel(source, { id: 'before' });
  expect(before.arch.ids.mask).toBeUndefined();
  const { model, source: turned } = await openConverted(source, { id: 'after' });
  const { vocab, width } = before.arch;
  expect(model.arch).toMatchObject({ vocab: vocab + 1, ids: { mask: vocab } });
  expect(model.maskText).toBe('<|mask|>');
  expect(model.tokenizer.encode('<|mask|>')).toEqual([vocab]);
  expect(model.weights.parameters).toBe(before.weights.parameters + width);
  const table = toFloat32(await model.weights.read('embeddings'), 'F32');
  expect(table).toHaveLength((vocab + 1) * width);
  const mean = Array.from({ length: vocab }, (_, row) => table[row * width] as number).reduce((a, b) => a + b) / vocab;
  expect(table[vocab * width]).toBeCloseTo(mean, 7);
  const { arch } = parseConfig((await readSurroundings(turned)).get('config.json') as Uint8Array);
  expect(arch).toMatchObject({ vocab: vocab + 1, ids: { mask: vocab } });
});

test('what is no autoregressive model of a known kind is refused by name', async () => {
  const files = await freshModel(TEXTS, {
    ...defaultTrainSettings(),
    architecture: 'bert',
    vocabulary: 270,
    length: 16,
  });
  await expect(openConverted(memorySource(files, 'here'), { id: 'a' })).rejects.toMatchObject({
    code: 'settings',
    message: expect.stringContaining('bert'),
  });
});
