import { expect, test } from 'vitest';
import { summarise, takeTurns } from './rounds.ts';

test('median and quartiles interpolate between the nearest values', () => {
  expect(summarise([4, 1, 3, 2])).toEqual({ median: 2.5, lower: 1.75, upper: 3.25 });
  expect(summarise([7])).toEqual({ median: 7, lower: 7, upper: 7 });
});

test('contestants take turns, and the first round is not counted', async () => {
  const order: string[] = [];
  const summaries = await takeTurns([async () => order.push('a'), async () => order.push('b')], 2);
  expect(order.join('')).toBe('ababab');
  expect(summaries).toHaveLength(2);
});
