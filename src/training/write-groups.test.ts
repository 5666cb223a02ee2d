/** A small network on plain JavaScript is rewarded for words: they become likelier, and a broken run goes on as an unbroken one. */
import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { expect, test } from 'vitest';
import { fromFloat32 } from '../checkpoint/half.ts';
import type { Weights } from '../checkpoint/model.ts';
import { type Disk, memoryDisk } from '../checkpoint/store/disk.ts';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { promptRows } from './data/prompts.ts';
import { oneUnmasking } from './objectives/grpo.ts';
import { keepReference, openReference } from './preferring.ts';
import { loadCheckpoint, saveCheckpoint } from './run-files.ts';
import { defaultTrainSettings, type TrainSettings } from './train-settings.ts';
import { Trainable } from './trainable.ts';
import { train } from './trainer.ts';
import type { TrainEvent } from './trainer-events.ts';
import { type GroupWriter, groupWriter, rewardOf, type WrittenRows, wordsOfList } from './write-groups.ts';

test('a reward is the share of the words that stand in a text, whole and in any case', () => {
  const words = wordsOfList(' Dog, ball，happy, dog,');
  expect(words).toEqual(['dog', 'ball', 'happy']);
  expect(rewardOf('The DOG has a ball.', words)).toBeCloseTo(2 / 3, 12);
  expect(rewardOf('doghouse football unhappy', words)).toBe(0);
  expect(rewardOf('他有一只狗。', ['狗', '球'])).toBe(0.5);
  expect(rewardOf('c++', ['c++'])).toBe(1);
  expect(rewardOf('anything', [])).toBe(0);
});

const model = await openGolden('single');
const LENGTH = 10;
/** Every token is a word. */
const tokenizer = {
  encode: (text: string) => text.split(' ').map((each) => Number(each.slice(1))),
  decode: (ids: readonly number[]) => ids.map((id) => `w${id}`).join(' '),
  piece: (id: number) => `w${id} `,
};
const settings: TrainSettings = {
  ...defaultTrainSettings(),
  objective: 'grpo',
  length: LENGTH,
  batch: 1,
  group: 6,
  updates: 2,
  words: Array.from({ length: 8 }, (_, i) => `w${20 + i}`).join(),
  steps: 4,
  lr: 1e-4,
  warmup: 0,
  decay: 'constant',
  evalEvery: 0,
  saveEvery: 0,
  sampleEvery: 0,
  seed: 5,
};
const prompts = promptRows(['w10 w11 w12', 'w14 w15'], { tokenizer, arch: model.arch }, settings);
const none = { ids: new Int32Array(0), maskable: new Uint8Array(0), length: LENGTH, count: 0, tokens: 0 };
const [maskId, vocabSize] = [model.arch.ids.mask as number, model.arch.vocab];

/** How much likelier texts have become that are worth more than their group, and less likely those that are worth less. */
async function gain(learner: Trainable, reference: Trainable, { rows }: WrittenRows): Promise<number> {
  const question = oneUnmasking(rows, { seed: settings.seed, step: 0 }, maskId, 0);
  const [now, before] = [await learner.crossEntropy(question), await reference.crossEntropy(question)];
  return question.weights.reduce((sum, share, n) => {
    const text = Math.floor((question.scored[n] as number) / LENGTH);
    const advantage = rows.written.advantages[text] as number;
    return sum + share * advantage * ((before[n] as number) - (now[n] as number));
  }, 0);
}

/** To step `most`; with what the first step has gained. */
async function run(disk: Disk, most: number, resumed = false) {
  await setBackend('wasm');
  const found = resumed ? await loadCheckpoint(disk) : undefined;
  const learner = await Trainable.create(model.arch, found ? asWeights(found.weights) : model.weights);
  if (found) learner.restore(found.optimiser);
  else await keepReference(disk, await learner.weights());
  const reference = await openReference({ arch: model.arch, weights: model.weights }, disk);
  const write = groupWriter(learner.predictor(), { arch: model.arch, tokenizer }, settings);
  const stop = new AbortController();
  const events: TrainEvent[] = [];
  let [group, gained]: [WrittenRows | undefined, number | undefined] = [undefined, undefined];
  const writing: GroupWriter = async (rows, draw) => {
    group = await write(rows, draw);
    return group;
  };
  const save = (each: Parameters<typeof saveCheckpoint>[1]) => saveCheckpoint(disk, each);
  const options = { from: found?.progress, signal: stop.signal, save };
  const about = { train: prompts, heldOut: none, maskId, vocabSize };
  for await (const event of train(
    { ...about, settings, learner, write: writing, preferring: { reference } },
    options,
  )) {
    events.push(event);
    if (event.kind === 'step' && group) gained ??= await gain(learner, reference, group);
    if (event.kind === 'step' && event.step === most) stop.abort();
  }
  expect(() => reference.restore({ steps: 0, first: new Map(), second: new Map() })).toThrow('only asked');
  learner.dispose();
  reference.dispose();
  return { events, gained };
}

function asWeights(values: ReadonlyMap<string, Float32Array>): Weights {
  const tensors = [...model.weights.tensors].map(
    ([name, { shape }]) => [name, { dtype: 'F32' as const, shape, byteLength: 0 }] as const,
  );
  const read = async (name: string) => fromFloat32(values.get(name) as Float32Array, 'F32');
  return { tensors: new Map(tensors), parameters: 0, read };
}

const told = (events: readonly TrainEvent[]) =>
  events.flatMap((event): unknown[][] => {
    if (event.kind === 'step') return [[event.step, event.loss, event.gradNorm, event.told]];
    return event.kind === 'wrote' ? [[event.step, event.texts]] : [];
  });

test('what is rewarded becomes likelier, and a run that goes on is the run that never stopped', async () => {
  const { events: whole, gained } = await run(memoryDisk(), 4);
  expect(gained).toBeGreaterThan(0);
  const wrote = whole.find((event) => event.kind === 'wrote');
  expect(wrote?.texts).toHaveLength(6);
  expect(wrote?.texts[0]?.prompt).toMatch(/^w1[04] w1[15]/);
  const step = whole.find((event) => event.kind === 'step');
  const rewards = wrote?.texts.map(({ reward }) => reward) ?? [];
  expect(step?.told?.['reward']).toBeCloseTo(rewards.reduce((sum, x) => sum + x, 0) / 6, 6);

  const disk = memoryDisk();
  const before = await run(disk, 2);
  const after = await run(disk, 4, true);
  expect([...told(before.events), ...told(after.events)]).toEqual(told(whole));
});
