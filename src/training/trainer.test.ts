import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { describe, expect, test } from 'vitest';
import { fromFloat32 } from '../checkpoint/half.ts';
import type { Weights } from '../checkpoint/model.ts';
import { type Disk, memoryDisk } from '../checkpoint/store/disk.ts';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { UnmaskError } from '../diffusion/error.ts';
import type { Dataset } from './data/dataset.ts';
import { loadCheckpoint, saveCheckpoint } from './run-files.ts';
import { defaultTrainSettings, type TrainSettings } from './train-settings.ts';
import { Trainable } from './trainable.ts';
import { type Learner, type TrainOptions, train } from './trainer.ts';
import type { TrainEvent } from './trainer-events.ts';

const model = await openGolden('single');
const { vocab: vocabSize } = model.arch;
const MASK = 4;
const LENGTH = 12;

/** Texts that count upwards from anywhere: a pattern that a small network picks up in a few steps. */
function counting(count: number, first: number): Dataset {
  const ids = Int32Array.from(
    { length: count * LENGTH },
    (_, i) => 6 + ((first + 5 * Math.floor(i / LENGTH) + i) % 20),
  );
  return { ids, maskable: new Uint8Array(ids.length).fill(1), length: LENGTH, count, tokens: ids.length };
}

const settings: TrainSettings = {
  ...defaultTrainSettings(),
  length: LENGTH,
  batch: 2,
  accumulation: 2,
  steps: 8,
  lr: 3e-3,
  evalEvery: 2,
  evalTexts: 6,
  saveEvery: 3,
  sampleEvery: 0,
  seed: 5,
};
const data = { train: counting(30, 0), heldOut: counting(6, 3), maskId: MASK, vocabSize };

async function learner(weights: Weights = model.weights): Promise<Trainable> {
  await setBackend('wasm');
  return Trainable.create(model.arch, weights);
}

/** The weights of a checkpoint as those of a model. */
function asWeights(values: ReadonlyMap<string, Float32Array>): Weights {
  const read = async (name: string) => fromFloat32(values.get(name) as Float32Array, 'F32');
  const tensors = [...model.weights.tensors].map(
    ([name, { shape }]) => [name, { dtype: 'F32' as const, shape, byteLength: 0 }] as const,
  );
  return { tensors: new Map(tensors), parameters: 0, read };
}

async function events(running: AsyncGenerator<TrainEvent, void>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of running) all.push(event);
  return all;
}

/** All that must not differ between two runs. */
const curve = (all: readonly TrainEvent[]) =>
  all.flatMap((event) => {
    if (event.kind === 'step') return [[event.step, event.loss, event.gradNorm, event.lr]];
    return event.kind === 'evaluated' ? [[event.step, event.nelbo, event.standardError]] : [];
  });

const saveTo = (disk: Disk): TrainOptions => ({ save: (checkpoint) => saveCheckpoint(disk, checkpoint) });

describe('a run', () => {
  test('lowers loss and held-out NELBO, and says what it does in order', async () => {
    const model = await learner();
    const all = await events(
      train({ ...data, settings: { ...settings, steps: 40, evalEvery: 20 }, learner: model }, saveTo(memoryDisk())),
    );
    const measured = all.filter((event) => event.kind === 'evaluated');
    expect(measured.map(({ step }) => step)).toEqual([0, 20, 40]);
    const [before, , after] = measured.map(({ nelbo }) => nelbo) as [number, number, number];
    expect(after).toBeLessThan(before - 0.5);
    expect(measured[2]!.perplexityBound).toBeCloseTo(Math.exp(after), 6);
    expect(measured[0]!.standardError).toBeGreaterThan(0);
    expect(all.at(-1)).toEqual({ kind: 'ended', step: 40, reason: 'steps' });
    const steps = all.filter((event) => event.kind === 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(
      steps.every(
        ({ tokens, milliseconds, memory }) => tokens === 4 * LENGTH && milliseconds > 0 && memory.tensors > 0,
      ),
    ).toBe(true);
    model.dispose();
  });

  test('stopped in the middle, saved, and opened again follows the unbroken curve bit for bit', async () => {
    const whole = await learner();
    const unbroken = await events(train({ ...data, settings, learner: whole }));
    const finalWeights = await whole.weights();
    whole.dispose();

    const disk = memoryDisk();
    const controller = new AbortController();
    const first = await learner();
    const before: TrainEvent[] = [];
    for await (const event of train(
      { ...data, settings, learner: first },
      { ...saveTo(disk), signal: controller.signal },
    )) {
      before.push(event);
      if (event.kind === 'step' && event.step === 5) controller.abort();
    }
    first.dispose();
    expect(before.at(-1)).toEqual({ kind: 'ended', step: 5, reason: 'stopped' });

    const checkpoint = (await loadCheckpoint(disk))!;
    expect(checkpoint.settings).toEqual(settings);
    const second = await learner(asWeights(checkpoint.weights));
    second.restore(checkpoint.optimiser);
    const after = await events(
      train(
        { ...data, settings: checkpoint.settings, learner: second },
        { ...saveTo(disk), from: checkpoint.progress },
      ),
    );
    expect([...curve(before), ...curve(after)]).toEqual(curve(unbroken));
    expect(await second.weights()).toEqual(finalWeights);
    expect((await loadCheckpoint(disk))!.progress.evaluations.map(({ step }) => step)).toEqual([0, 2, 4, 6, 8]);
    second.dispose();
  });

  test('ends when the held-out value has not fallen for so long', async () => {
    const model = await learner();
    const patient = { ...settings, lr: 0, patience: 2, steps: 30 };
    const all = await events(train({ ...data, settings: patient, learner: model }));
    expect(all.at(-1)).toEqual({ kind: 'ended', step: 4, reason: 'patience' });
    model.dispose();
  });

  test('shows a canvas before the first step, every so often and at the end', async () => {
    const model = await learner();
    const all = await events(
      train(
        { ...data, settings: { ...settings, sampleEvery: 3 }, learner: model },
        { sample: async () => ({ pieces: ['one'] }) },
      ),
    );
    expect(all.flatMap((event) => (event.kind === 'sample' ? [event.step] : []))).toEqual([0, 3, 6, 8]);
    model.dispose();
  });

  test('a run shorter than the way between two canvases shows five all the same; checkpoints come when they are wanted', async () => {
    const learner = failing(Number.NaN, () => ({ loss: 1, gradNorm: 1 }));
    const short = { ...settings, steps: 30, sampleEvery: 50, evalEvery: 0, saveEvery: 0 };
    const wanted = [false, true, false, false];
    const all = await events(
      train(
        { ...data, settings: short, learner },
        {
          sample: async () => ({ pieces: [] }),
          save: async () => undefined,
          saveNow: () => wanted.shift() ?? false,
        },
      ),
    );
    const at = (kind: TrainEvent['kind']) => all.flatMap((event) => (event.kind === kind ? [event.step] : []));
    expect(at('sample')).toEqual([0, 6, 12, 18, 24, 30]);
    expect(at('saved')).toEqual([2, 30]);
  });
});

/** A network whose step `bad` goes wrong. */
function failing(bad: number, how: () => { loss: number; gradNorm: number }): Learner {
  let steps = 0;
  return {
    step: async () => (++steps === bad ? how() : { loss: 1, gradNorm: 1 }),
    crossEntropy: async ({ scored }) => new Float32Array(scored.length).fill(1),
    weights: async () => new Map([['finalNorm', Float32Array.of(steps)]]),
    optimiserState: async () => ({ steps, first: new Map(), second: new Map() }),
    memory: { tensors: 0, bytes: 0 },
  };
}

describe('ends cleanly, the last good checkpoint in place, when', () => {
  const lost = new UnmaskError({ code: 'device', message: 'gone', remedy: '' });
  test.each<[string, string, () => { loss: number; gradNorm: number }]>([
    ['the loss is no number', 'not-finite', () => ({ loss: Number.NaN, gradNorm: 1 })],
    ['the gradient is infinite', 'not-finite', () => ({ loss: 1, gradNorm: Number.POSITIVE_INFINITY })],
    [
      'the device is lost',
      'device',
      () => {
        throw lost;
      },
    ],
  ])('%s', async (_, reason, how) => {
    const disk = memoryDisk();
    const all = await events(train({ ...data, settings, learner: failing(5, how) }, saveTo(disk)));
    expect(all.at(-1)).toMatchObject({ kind: 'ended', reason });
    const { progress, weights } = (await loadCheckpoint(disk))!;
    expect([progress.step, weights.get('finalNorm')]).toEqual([3, Float32Array.of(3)]);
  });

  test('somebody says stop, though no step ever waits', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 0);
    const endless = { ...settings, steps: 1_000_000, evalEvery: 0, saveEvery: 0 };
    const learner = failing(-1, () => ({ loss: 1, gradNorm: 1 }));
    const all = await events(train({ ...data, settings: endless, learner }, { signal: controller.signal }));
    expect(all.at(-1)).toMatchObject({ kind: 'ended', reason: 'stopped' });
    expect(all.length).toBeLessThan(endless.steps);
  });

  test('a mistake in the program is thrown, not swallowed', async () => {
    const wrong = failing(2, () => {
      throw new RangeError('no');
    });
    await expect(events(train({ ...data, settings, learner: wrong }))).rejects.toThrow(RangeError);
  });
});
