/**
 * Files that are in order part by part and made to stop a page: after reports of runs that blocked it for a minute, of
 * canvases on which "Maximum call stack size exceeded", and of branches that repeat all steps of others.
 */
import { describe, expect, test } from 'vitest';
import { greatest, least } from './extremes.ts';
import { defaultSettings } from './settings.ts';
import { stepStatistics } from './statistics.ts';
import { decodeTrace, decodeTree } from './trace-decode.ts';

const many = <T>(count: number, value: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => value(i));
const zeros = (count: number) => new Array<number>(count).fill(0);

/** A step that writes the first `written` slots. */
const step = (index: number, written = 0) => ({
  index,
  block: 0,
  quota: written,
  revealed: many(written, (i) => i),
  revealedIds: many(written, () => 1),
  remasked: [],
  prediction: {
    slots: many(written, (i) => i),
    ids: many(written, () => 1),
    logProbs: zeros(written),
    entropy: zeros(written),
    logSumExp: zeros(written),
    topK: 0,
    topIds: [],
    topLogProbs: [],
    forwards: 1,
  },
  next: { step: index + 1, block: 0, grid: 0 },
  forwards: 1,
  milliseconds: 1,
});
const canvas = (slots: number) => ({ ids: many(slots, () => 4), states: many(slots, () => 1) });
const common = {
  format: 'unmask-trace',
  model: { id: 'stories', parameters: 1 },
  maskId: 4,
  pieces: { 1: 'a' } as Record<string, string>,
};
const backend = { name: 'cpu', device: '' };
const line = (slots: number, steps: number, more: object = {}) => ({
  ...common,
  version: 1,
  settings: defaultSettings(),
  backend,
  start: canvas(slots),
  steps: many(steps, (i) => step(i)),
  edits: [],
  ...more,
});
const read = (file: object) => decodeTree(JSON.stringify(file));

describe('a trace that would stop the page', () => {
  test.each([
    ['65,536 slots', () => line(65_536, 1), 'start.ids should be a list of at most 16384'],
    ['65,536 steps', () => line(8, 65_536), 'steps should be a list of at most 16384'],
    [
      'many steps on many slots',
      () => line(4000, 8000),
      'too large to be shown: 8000 steps and 0 changes on 4000 slots',
    ],
    [
      'many steps and many changes',
      () => line(8, 4000, { edits: many(8000, () => ({ before: 0, slot: 0, id: 1, state: 4 })) }),
      'too large to be shown: 4000 steps and 8000 changes',
    ],
    [
      'a long text for every slot',
      () =>
        line(8000, 1, { start: { ids: many(8000, () => 1), states: zeros(8000) }, pieces: { 1: 'x'.repeat(1999) } }),
      'a token of 1999 characters',
    ],
    [
      'a token of a whole book',
      () => line(8, 1, { pieces: { 1: 'x'.repeat(100_000) } }),
      'pieces.1 should be a text of at most',
    ],
    [
      'settings that change all the time',
      () => line(8, 2000, { earlier: many(2000, (i) => ({ until: i + 1, settings: {} })) }),
      'earlier should be a list of at most 1024',
    ],
    [
      'branches that repeat all steps of the first',
      () => ({
        ...common,
        version: 2,
        current: 0,
        next: 200,
        branches: many(200, (id) => ({
          id,
          name: '',
          ...(id === 0
            ? { backend, start: canvas(500), steps: many(8000, (i) => step(i)) }
            : { parent: 0, step: 8000, steps: [] }),
          settings: {},
          edits: [],
        })),
      }),
      'branches',
    ],
  ])('with %s is refused in words, in good time', (_, file, sentence) => {
    const json = JSON.stringify(file());
    const began = process.cpuUsage();
    expect(() => decodeTree(json)).toThrow(
      expect.objectContaining({ code: 'trace', message: expect.stringContaining(sentence) }),
    );
    expect(process.cpuUsage(began).user).toBeLessThan(10e6);
  });
});

test('the largest that is read can be gone through', () => {
  const trace = decodeTrace(
    JSON.stringify(line(16_384, 900, { steps: [step(0, 16_384), ...many(899, (i) => step(i + 1))] })),
  );
  const began = process.cpuUsage();
  const [first] = stepStatistics(trace);
  expect(first).toMatchObject({ written: 16_384, leastConfidence: 1 });
  expect(process.cpuUsage(began).user).toBeLessThan(10e6);
  expect(read(line(1100, 1024)).branches).toHaveLength(1);
});

test('the least and the greatest of any number of values', () => {
  const values = many(1_000_000, (i) => Math.abs(i - 700_000));
  expect([least(values), greatest(values), least([]), greatest([], 1)]).toEqual([
    0,
    700_000,
    Number.POSITIVE_INFINITY,
    1,
  ]);
});
