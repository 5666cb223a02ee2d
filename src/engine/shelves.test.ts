import { expect, test } from 'vitest';
import { Shelves } from './shelves.ts';

const canvas = (...ids: number[]) => Int32Array.of(...ids);

test('finds a canvas by its ids, not by its array', () => {
  const shelves = new Shelves();
  const ids = canvas(1, 2);
  expect(shelves.take(ids, 3)).toBe(0);
  expect(shelves.take(canvas(1, 3), 3)).toBe(1);
  ids[0] = 9;
  expect(shelves.find(canvas(1, 2))).toBe(0);
  expect(shelves.find(canvas(1, 3))).toBe(1);
  expect(shelves.find(canvas(9, 2))).toBeUndefined();
  expect(shelves.find(canvas(1, 2, 0))).toBeUndefined();
});

test('gives away the shelf that was used longest ago', () => {
  const shelves = new Shelves();
  shelves.take(canvas(1), 2);
  shelves.take(canvas(2), 2);
  shelves.find(canvas(1));
  expect(shelves.take(canvas(3), 2)).toBe(1);
  expect(shelves.find(canvas(2))).toBeUndefined();
  expect(shelves.inUse).toEqual([1, 0]);
});

test('follows canvases to new buffers', () => {
  const shelves = new Shelves();
  for (const id of [1, 2, 3]) shelves.take(canvas(id), 3);
  shelves.renumber([2, 0]);
  expect([1, 2, 3].map((id) => shelves.find(canvas(id)))).toEqual([1, undefined, 0]);
  expect(shelves.take(canvas(4), 3)).toBe(2);
});

test('forgets everything when told to', () => {
  const shelves = new Shelves();
  shelves.take(canvas(1), 2);
  shelves.clear();
  expect(shelves.find(canvas(1))).toBeUndefined();
});
