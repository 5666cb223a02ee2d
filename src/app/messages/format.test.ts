import { expect, test } from 'vitest';
import { counted, percent, rate, short } from './format.ts';

test.each([
  [0, '0%'],
  [0.0004, '<0.1%'],
  [0.004, '0.4%'],
  [0.296, '30%'],
  [0.9999, '>99%'],
  [1, '100%'],
])('a probability of %d reads %s: never nothing, never certain, unless it is', (value, text) => {
  expect(percent(value)).toBe(text);
});

test('rates and sizes have the figures that mean something', () => {
  expect([0.23, 2, 61.4, 1234].map(rate)).toEqual(['0.2', '2.0', '61', '1,234']);
  expect(short(3_041_920)).toBe('3M');
});

test('a count takes its form', () => {
  expect([0, 1, 2].map((count) => counted(count, { one: '{n} mask', other: '{n} masks' }))).toEqual([
    '0 masks',
    '1 mask',
    '2 masks',
  ]);
});
