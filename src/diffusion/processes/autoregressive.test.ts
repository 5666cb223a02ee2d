import { describe, expect, test } from 'vitest';
import { type Canvas, continueCanvas, fillCanvas } from '../canvas.ts';
import { type GenerateOptions, generate } from '../generate.ts';
import { writtenIdsIn, writtenSlotsIn } from '../ops.ts';
import { canvasAt } from '../replay.ts';
import { defaultSettings, type Settings } from '../settings.ts';
import { type TableNetwork, tableTextNetwork } from '../testing/table-network.ts';
import type { Step } from '../trace.ts';
import { type Appending, autoregressive } from './autoregressive.ts';

const MASK = 8;
const settings = (change: Partial<Settings> = {}): Settings => ({ ...defaultSettings(), temperature: 0, ...change });

/** Always sure that the next token is the one after the last: 1 → 2 → 3 … 7 → 0. */
const counting = () =>
  tableTextNetwork(9, (ids) => Array.from({ length: 9 }, (_, id) => (id === ((ids.at(-1) ?? 0) + 1) % 8 ? 5 : 0)));
/** Every token of the text moves the logits, so that no two texts are continued alike. */
const hashing = () =>
  tableTextNetwork(9, (ids) => {
    const hash = ids.reduce((sum, id) => Math.imul(sum ^ (id + 1), 0x01000193) ^ (sum >>> 13), 7);
    return Array.from(
      { length: 9 },
      (_, id) => ((Math.imul(hash ^ (id * 0x9e3779b1), 0x85ebca6b) >>> 0) / 2 ** 32) * 3,
    );
  });

function appended(
  writer: TableNetwork,
  start: Canvas,
  settings: Settings,
  { before = [], ends = [], suppress = [], ...options }: Appending & GenerateOptions = {},
) {
  return generate(writer, start, settings, { ...options, process: autoregressive({ before, ends, suppress }) });
}

async function write(
  writer = counting(),
  change: Partial<Settings> = {},
  options: Appending & GenerateOptions = {},
  length = 5,
) {
  const start = continueCanvas([1], length, MASK);
  const steps: Step[] = [];
  for await (const step of appended(writer, start, settings(change), options)) steps.push(step);
  const ids = [...canvasAt({ start, steps, edits: [], maskId: MASK }, steps.length).ids];
  return { steps, ids, start };
}

describe('autoregressive', () => {
  test('writes the open slots in reading order, one pass and one token a step', async () => {
    const { steps, ids, start } = await write();
    expect(ids).toEqual([1, 2, 3, 4, 5, 6]);
    expect(steps.map(writtenSlotsIn)).toEqual([[1], [2], [3], [4], [5]]);
    expect(steps.map(({ forwards }) => forwards)).toEqual([1, 1, 1, 1, 1]);
    expect(steps.map(({ prediction }) => [...prediction.slots])).toEqual([[1], [2], [3], [4], [5]]);
    expect(steps.at(-1)?.next).toEqual({ step: 5, block: 0, grid: 5 });
    expect([...start.ids]).toEqual([1, MASK, MASK, MASK, MASK, MASK]);
  });

  test('reads what comes before the canvas first, and never what comes after the slot', async () => {
    const writer = counting();
    await write(writer, {}, { before: [6] });
    expect(writer.requests.map(({ ids }) => [...ids])).toEqual([
      [6, 1],
      [6, 1, 2],
      [6, 1, 2, 3],
      [6, 1, 2, 3, 4],
      [6, 1, 2, 3, 4, 5],
    ]);
  });

  test('stops after an end-of-text token, and leaves the paper after it empty', async () => {
    const { ids, steps } = await write(counting(), {}, { ends: [3] });
    expect(ids).toEqual([1, 2, 3, MASK, MASK, MASK]);
    expect(steps).toHaveLength(2);
  });

  test('says where the text ended and what was not needed; going on from there writes no more', async () => {
    const { steps, start } = await write(counting(), {}, { ends: [3] });
    expect(steps.map(({ ended }) => ended)).toEqual([undefined, { from: 2, to: 3, saved: 3 }]);
    const canvas = canvasAt({ start, steps, edits: [], maskId: MASK }, 2);
    const more: Step[] = [];
    const going = { ends: [3], cursor: steps[1]!.next };
    for await (const step of appended(counting(), canvas, settings(), going)) more.push(step);
    expect(more).toEqual([]);
  });

  test('goes on from a cursor with the noise that an unbroken run would have had', async () => {
    const { steps, start, ids } = await write(hashing(), { temperature: 1 }, {}, 12);
    const canvas = canvasAt({ start, steps, edits: [], maskId: MASK }, 5);
    const rest: Step[] = [];
    for await (const step of appended(hashing(), canvas, settings({ temperature: 1 }), { cursor: steps[4]!.next })) {
      rest.push(step);
    }
    expect(rest.map(({ index }) => index)).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(rest.map((step) => writtenIdsIn(step)[0])).toEqual(ids.slice(6));
  });

  test('never draws a suppressed id', async () => {
    const { ids } = await write(counting(), {}, { suppress: [2] });
    expect(ids).not.toContain(2);
  });

  test('given words in the middle stay, and are read once they are reached', async () => {
    const writer = counting();
    const start = fillCanvas([1, MASK, 7, MASK], MASK);
    const steps: Step[] = [];
    for await (const step of appended(writer, start, settings())) steps.push(step);
    expect([...canvasAt({ start, steps, edits: [], maskId: MASK }, 2).ids]).toEqual([1, 2, 7, 0]);
    expect(writer.requests.map(({ ids }) => [...ids])).toEqual([[1], [1, 2, 7]]);
  });

  test.each([
    ['plain', { temperature: 1, topP: 1 }],
    ['within top-p', { temperature: 1, topP: 0.8 }],
    ['within top-k', { temperature: 1.5, topK: 3, topP: 1 }],
  ])('same seed, same text; another seed, another text: %s', async (_, change) => {
    const text = async (seed: number) => (await write(hashing(), { ...change, seed }, {}, 24)).ids;
    expect(await text(1)).toEqual(await text(1));
    expect(await text(1)).not.toEqual(await text(2));
  });

  test('top-k 1 is greedy whatever the temperature', async () => {
    const greedy = await write(hashing(), {}, {}, 12);
    expect((await write(hashing(), { temperature: 2, topK: 1 }, {}, 12)).ids).toEqual(greedy.ids);
  });

  test('an abort stops before the next pass', async () => {
    const controller = new AbortController();
    const writer = counting();
    const seen: number[] = [];
    for await (const { index } of appended(writer, continueCanvas([1], 5, MASK), settings(), {
      signal: controller.signal,
    })) {
      seen.push(index);
      if (index === 1) controller.abort();
    }
    expect(seen).toEqual([0, 1]);
    expect(writer.requests).toHaveLength(2);
  });

  test('each step takes the time of its pass and of its choice', async () => {
    let clock = 0;
    const { steps } = await write(counting(), {}, { now: () => (clock += 3) });
    expect(steps.map(({ milliseconds }) => milliseconds)).toEqual([6, 6, 6, 6, 6]);
  });
});
