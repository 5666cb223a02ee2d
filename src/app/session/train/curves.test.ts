import { expect, test } from 'vitest';
import { domainOver, lineThrough, smoothed, thinned } from './curves.ts';

test('a line goes straight between its dots, and is nothing outside them', () => {
  const at = lineThrough([
    [0, 4],
    [10, 2],
    [20, 3],
  ]);
  expect([0, 5, 10, 15, 20].map(at)).toEqual([4, 3, 2, 2.5, 3]);
  expect([-1, 21].map(at)).toEqual([Number.NaN, Number.NaN]);
  expect(lineThrough([])(0)).toBeNaN();
  expect(lineThrough([[3, 7]])(3)).toBe(7);
});

test('the smoothed loss of a constant is that constant from the first step on', () => {
  const points = Array.from({ length: 400 }, (_, i) => ({ step: i + 1, loss: 5, gradNorm: 1 }));
  for (const [, loss] of smoothed(points)) expect(loss).toBeCloseTo(5);
});

test('smoothing keeps the level of a noisy loss and takes most of its noise', () => {
  const points = Array.from({ length: 400 }, (_, i) => ({ step: i + 1, loss: i % 2 === 0 ? 4 : 6, gradNorm: 1 }));
  for (const [, loss] of smoothed(points).slice(100)) expect(Math.abs(loss - 5)).toBeLessThan(0.1);
});

test('a domain has some air, never goes below 0, and does without what is not finite', () => {
  expect(domainOver([])).toEqual([0, 1]);
  expect(domainOver([0, Number.NaN, 10, Number.POSITIVE_INFINITY])).toEqual([0, 10.6]);
  const [low, high] = domainOver([3, 3]);
  expect(low).toBeLessThan(3);
  expect(high).toBeGreaterThan(3);
});

test('many dots are thinned evenly, with the first and the last kept', () => {
  const all = Array.from({ length: 9001 }, (_, i) => i);
  const few = thinned(all);
  expect(few.length).toBeLessThanOrEqual(2000);
  expect([few[0], few.at(-1)]).toEqual([0, 9000]);
  expect(thinned([1, 2])).toEqual([1, 2]);
});
