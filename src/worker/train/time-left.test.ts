import { expect, test } from 'vitest';
import { TimeLeft } from './time-left.ts';

test('time left counts steps, measurements, canvases and checkpoints, each by its own time', () => {
  const left = new TimeLeft({ steps: 100, evalEvery: 30, sampleEvery: 50, saveEvery: 0 });
  expect(left.after(0)).toBeUndefined();
  left.mark('evaluated', 4000);
  left.mark('sample', 10_000);
  expect(left.after(0)).toBeUndefined();
  left.mark('step', 9000); // compiles
  left.mark('step', 100);
  // 60 steps; measured at 60, 90 and 100; a canvas at 50 and 100; a checkpoint that nobody has timed yet.
  expect(left.after(40)).toBeCloseTo(60 * 0.1 + 3 * 4 + 2 * 10);
  left.mark('saved', 2000);
  expect(left.after(99)).toBeCloseTo(0.1 + 4 + 10 + 2);
  expect(left.after(100)).toBe(0);
});

test('a slower machine is noticed', () => {
  const left = new TimeLeft({ steps: 1000, evalEvery: 0, sampleEvery: 0, saveEvery: 0 });
  for (let i = 0; i < 10; i++) left.mark('step', 100);
  for (let i = 0; i < 60; i++) left.mark('step', 200);
  expect(left.after(900)).toBeGreaterThan(19.9);
  expect(left.after(900)).toBeLessThanOrEqual(20);
});
