/** A taste learnt from pairs by a small network on plain JavaScript: it is learnt, and a broken run goes on as an unbroken one. */
import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { expect, test } from 'vitest';
import { fromFloat32 } from '../checkpoint/half.ts';
import type { Weights } from '../checkpoint/model.ts';
import { type Disk, memoryDisk } from '../checkpoint/store/disk.ts';
import { openGolden } from '../checkpoint/testing/golden.ts';
import type { Dataset } from './data/dataset.ts';
import { keepReference, openReference } from './preferring.ts';
import { loadCheckpoint, saveCheckpoint } from './run-files.ts';
import { defaultTrainSettings, type TrainSettings } from './train-settings.ts';
import { Trainable } from './trainable.ts';
import { train } from './trainer.ts';
import type { TrainEvent } from './trainer-events.ts';

const model = await openGolden('single');
const [MASK, LENGTH] = [4, 8];

/** The chosen answer counts up, the rejected one down; the first two tokens are the prompt. */
function pairs(count: number, first: number): Dataset {
  const ids = Int32Array.from({ length: 2 * count * LENGTH }, (_, i) => {
    const [row, place] = [Math.floor(i / LENGTH), i % LENGTH];
    const start = 12 + ((first + 3 * (row >> 1)) % 12);
    return row % 2 === 0 ? start + place : start - place;
  });
  const maskable = Uint8Array.from(ids, (_, i) => Number(i % LENGTH >= 2));
  return { ids, maskable, length: LENGTH, count: 2 * count, tokens: ids.length };
}

const settings: TrainSettings = {
  ...defaultTrainSettings(),
  objective: 'vrpo',
  length: LENGTH,
  batch: 2,
  draws: 2,
  steps: 8,
  lr: 3e-3,
  warmup: 0,
  evalEvery: 4,
  evalTexts: 4,
  saveEvery: 4,
  sampleEvery: 0,
  seed: 5,
};
const data = { train: pairs(10, 0), heldOut: pairs(3, 1), maskId: MASK, vocabSize: model.arch.vocab };

async function run(disk: Disk, most: number, resumed = false): Promise<TrainEvent[]> {
  await setBackend('wasm');
  const found = resumed ? await loadCheckpoint(disk) : undefined;
  const learner = await Trainable.create(model.arch, found ? asWeights(found.weights) : model.weights);
  if (found) learner.restore(found.optimiser);
  else await keepReference(disk, await learner.weights());
  // As after a reload: the model at hand is the one that has learnt, and the reference lies beside it.
  const reference = await openReference({ arch: model.arch, weights: model.weights }, disk);
  const networks = { policy: learner.predictor(), reference: reference.predictor() };
  const preferring = { reference, pairs: pairs(4, 1), networks };
  const events: TrainEvent[] = [];
  const stop = new AbortController();
  const options = {
    from: found?.progress,
    signal: stop.signal,
    save: (each: Parameters<typeof saveCheckpoint>[1]) => saveCheckpoint(disk, each),
  };
  for await (const event of train({ ...data, settings, learner, preferring }, options)) {
    events.push(event);
    if (event.kind === 'step' && event.step === most) stop.abort();
  }
  learner.dispose();
  reference.dispose();
  return events;
}

function asWeights(values: ReadonlyMap<string, Float32Array>): Weights {
  const tensors = [...model.weights.tensors].map(
    ([name, { shape }]) => [name, { dtype: 'F32' as const, shape, byteLength: 0 }] as const,
  );
  return {
    tensors: new Map(tensors),
    parameters: 0,
    read: async (name) => fromFloat32(values.get(name) as Float32Array, 'F32'),
  };
}

const told = (events: readonly TrainEvent[]) =>
  events.flatMap((event): unknown[][] => {
    if (event.kind === 'step') return [[event.step, event.loss, event.gradNorm, event.told]];
    return event.kind === 'evaluated' ? [[event.step, event.nelbo, event.preference]] : [];
  });

test('a taste is learnt, and a run that goes on is the run that never stopped', async () => {
  const whole = await run(memoryDisk(), 100);
  const measured = whole.flatMap((event) => (event.kind === 'evaluated' ? [event] : []));
  expect(measured[0]?.preference).toMatchObject({
    accuracy: { value: 0.5 },
    margin: { value: 0 },
    divergence: { value: expect.closeTo(0, 5) },
  });
  const last = measured.at(-1)?.preference;
  expect(last?.accuracy.value).toBeGreaterThanOrEqual(0.75);
  expect(last?.margin.value).toBeGreaterThan(0);
  expect(last?.divergence?.value).toBeGreaterThan(0);
  const [first] = whole.filter((event) => event.kind === 'step');
  expect(first).toMatchObject({ loss: expect.closeTo(Math.log(2), 6), told: { accuracy: 0.5 } });

  const disk = memoryDisk();
  const before = await run(disk, 4);
  const after = await run(disk, 100, true);
  expect([...told(before), ...told(after)]).toEqual(told(whole));
});
