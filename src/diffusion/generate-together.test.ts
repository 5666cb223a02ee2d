import fc from 'fast-check';
import { expect, test } from 'vitest';
import { continueCanvas, copyCanvas } from './canvas.ts';
import { generate, generateTogether } from './generate.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { anyCase, hashNetwork, MASK } from './testing/arbitrary.ts';
import type { Step } from './trace.ts';

const timeless = (step: Step) => ({ ...step, milliseconds: 0 });

test('runs that advance together have the steps that each would have alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCase, { minLength: 1, maxLength: 4 }), fc.nat(), async (cases, salt) => {
      const network = hashNetwork(salt);
      const starts = cases.map(({ canvas }) => copyCanvas(canvas));
      const made: Step[][] = cases.map(() => []);
      for await (const { run, step } of generateTogether(network, cases)) made[run]?.push(timeless(step));
      for (const [at, { canvas, settings }] of cases.entries()) {
        const alone: Step[] = [];
        for await (const step of generate(network, canvas, settings)) alone.push(timeless(step));
        expect(made[at]).toEqual(alone);
        expect(canvas).toEqual(starts[at]);
      }
    }),
    { numRuns: 60 },
  );
});

const settings: Settings = { ...defaultSettings(), length: 4, block: 0, sampler: 'confidence', temperature: 0 };

test('what they ask at once is one batch, whose time is shared out among them', async () => {
  const network = hashNetwork(3);
  let time = 0;
  const runs = [2, 4].map((steps) => ({ canvas: continueCanvas([1], 4, MASK), settings: { ...settings, steps } }));
  const times: number[][] = [[], []];
  for await (const { run, step } of generateTogether(network, runs, { now: () => (time += 4) })) {
    times[run]?.push(step.milliseconds);
  }
  expect(network.batches).toEqual([2, 2, 1, 1]);
  // Of every batch 4 ms, and 4 ms for what follows from it.
  expect(times).toEqual([
    [6, 6],
    [6, 6, 8, 8],
  ]);
});

test('those whose questions differ in more than their canvas are batches of their own', async () => {
  const network = hashNetwork(3);
  const canvas = continueCanvas([1], 4, MASK);
  const runs = [settings, settings, { ...settings, exact: true }].map((each) => ({
    canvas,
    settings: { ...each, steps: 1 },
  }));
  const seen: number[] = [];
  for await (const { run } of generateTogether(network, runs)) seen.push(run);
  expect(network.batches).toEqual([2, 1]);
  expect(seen).toEqual([0, 1, 2]);
});

test('an abort stops all of them before the next batch', async () => {
  const network = hashNetwork(3);
  const abort = new AbortController();
  const runs = [1, 2].map((seed) => ({ canvas: continueCanvas([1], 4, MASK), settings: { ...settings, seed } }));
  let count = 0;
  for await (const _ of generateTogether(network, runs, { signal: abort.signal })) if (++count === 1) abort.abort();
  expect([count, network.batches]).toEqual([2, [2]]);
});
