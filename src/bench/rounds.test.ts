import { expect, test } from 'vitest';
import { ratioOf, summarise, takeTurns } from './rounds.ts';

test('median and quartiles interpolate between the nearest values', () => {
  expect(summarise([4, 1, 3, 2])).toEqual({ median: 2.5, lower: 1.75, upper: 3.25 });
  expect(summarise([7])).toEqual({ median: 7, lower: 7, upper: 7 });
});

test('contestants take turns, and the first round is not counted', async () => {
  const order: string[] = [];
  const say = (name: string) => async () => order.push(name);
  const times = await takeTurns([say('a'), say('b')], 2);
  expect(order.splice(0).join('')).toBe('ababab');
  expect(times.map(({ length }) => length)).toEqual([2, 2]);
  await takeTurns([say('a'), say('b')], 2, { warm: true });
  expect(order.join('')).toBe('abab');
});

test('a run that is stopped ends before the next turn', async () => {
  const stop = new AbortController();
  let calls = 0;
  const work = async () => {
    calls++;
    stop.abort(new Error('enough'));
  };
  await expect(takeTurns([work, work], 5, { signal: stop.signal })).rejects.toThrow('enough');
  expect(calls).toBe(1);
});

test('the interval of a ratio holds the ratio, and is a point when all rounds agree', () => {
  expect(ratioOf([6, 6, 6], [2, 2, 2])).toEqual({ median: 3, lower: 3, upper: 3 });
  const { median, lower, upper } = ratioOf([10, 12, 9, 14, 11], [5, 5.5, 4.5, 5, 6]);
  expect(median).toBeCloseTo(11 / 5);
  expect(lower).toBeLessThan(median);
  expect(upper).toBeGreaterThan(median);
  expect(lower).toBeGreaterThan(9 / 6);
  expect(upper).toBeLessThan(14 / 4.5);
});
