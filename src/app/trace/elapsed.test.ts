import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Step } from '../../diffusion/trace.ts';
import { recordedTrace } from '../testing/runs.ts';
import { finishes, lastFinish, playheadAt } from './elapsed.ts';

const timed = (...milliseconds: number[]) => ({ steps: milliseconds.map((each) => ({ milliseconds: each }) as Step) });

test('the clock of a run is the sum of the measured milliseconds of its steps', async () => {
  const trace = await recordedTrace();
  const sum = trace.steps.reduce((total, { milliseconds }) => total + milliseconds, 0);
  const ends = finishes(trace, 'milliseconds');
  expect(ends.at(-1)).toBe(sum);
  expect(lastFinish([ends, finishes(timed(sum + 5), 'milliseconds')])).toBe(sum + 5);
  expect(lastFinish([])).toBe(0);
});

test('a step shows when it is finished, not when it begins', () => {
  const ends = finishes(timed(10, 20, 5), 'milliseconds');
  expect([0, 9.9, 10, 29, 30, 34, 35, 99].map((at) => playheadAt(ends, at))).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  expect([0, 1, 2.5, 3].map((at) => playheadAt(finishes(timed(10, 20, 5), 'steps'), at))).toEqual([0, 1, 2, 3]);
});

test('the playhead is what counting says, for any times', () => {
  const times = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: 30 });
  fc.assert(
    fc.property(times, fc.double({ min: 0, max: 2000, noNaN: true }), (milliseconds, at) => {
      const ends = finishes(timed(...milliseconds), 'milliseconds');
      expect(playheadAt(ends, at)).toBe(ends.filter((end) => end <= at).length);
    }),
  );
});
