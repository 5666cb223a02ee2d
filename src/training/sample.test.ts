import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { sampleOf } from './sample.ts';
import { divide, openStart, prepare, repeated } from './start.ts';
import { defaultTrainSettings, type TrainSettings } from './train-settings.ts';
import { Trainable } from './trainable.ts';

const texts = Array.from(
  { length: 40 },
  (_, i) => `The fox number ${i} went to the house of the hare and said: ${i * 7}.\n`,
);
const small = { size: 'mini', vocabulary: 290, init: 'fresh', length: 12, heldOut: 0.3 } as const;

beforeAll(async () => {
  await setBackend('cpu');
});

async function sampleWith(own: Partial<TrainSettings>) {
  const settings = { ...defaultTrainSettings(), ...small, ...own };
  const split = divide(settings, texts);
  const { model } = await openStart(settings, split.train, 'fresh');
  const material = await prepare(settings, split, model);
  const learner = await Trainable.create(model.arch, model.weights);
  const sample = await sampleOf(learner.predictor(), { settings, model, material, backend: 'cpu' });
  learner.dispose();
  return { ...sample, material, model };
}

test.each(['ten-rates', 'bert'] as const)('%s goes on with the first tokens of a held-out text', async (objective) => {
  const { pieces, given, material, model } = await sampleWith({ objective, prefix: 5, maskRates: 3 });
  expect(given).toBe(5);
  expect(pieces).toHaveLength(12);
  const begun = model.tokenizer.decode([...material.heldOut.ids.subarray(0, 5)]);
  expect(pieces.slice(0, 5).join('')).toBe(begun);
  expect(pieces.slice(5)).not.toContain('[MASK]');
});

test('what fills masks at all rates writes from nothing', async () => {
  const { pieces, given } = await sampleWith({ objective: 'mdlm' });
  expect(given).toBeUndefined();
  expect(pieces).toHaveLength(12);
});

test('repeated rows: as many as come so often in the run, those of fewer among those of more', () => {
  const count = 50;
  const rows = {
    ids: Int32Array.from({ length: count * 2 }, (_, i) => Math.floor(i / 2)),
    maskable: new Uint8Array(count * 2).fill(1),
    length: 2,
    count,
    tokens: count * 2,
  };
  const keep = (own: Partial<TrainSettings>) => {
    const settings = { ...defaultTrainSettings(), steps: 16, batch: 2, accumulation: 1, ...own };
    const { ids, count: kept, tokens } = repeated(rows, settings);
    expect(ids).toHaveLength(2 * kept);
    if (kept < count) expect(tokens).toBe(2 * kept);
    return [...new Set(ids)];
  };
  expect(keep({ repeats: 0 })).toHaveLength(50);
  const [once, four, sixteen] = [1, 4, 16].map((repeats) => keep({ repeats }));
  expect([once, four, sixteen].map((each) => each?.length)).toEqual([32, 8, 2]);
  expect(once).toEqual(expect.arrayContaining(four ?? []));
  expect(four).toEqual(expect.arrayContaining(sixteen ?? []));
  expect(keep({ repeats: 4, seed: 7 })).not.toEqual(four);
  // There are not more rows than the text has.
  expect(keep({ repeats: 1, steps: 300 })).toHaveLength(50);
});
