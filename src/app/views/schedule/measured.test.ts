import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { visitedRates } from '../../../diffusion/likelihood.ts';
import { scheduleByName } from '../../../diffusion/schedule.ts';
import { SCHEDULES } from '../../../diffusion/settings.ts';
import { MEASURED, type Row } from './measured.ts';

const { estimates, ids, pieces, recipe, text } = MEASURED;
const named = ({ estimator }: Row) => (estimator.kind === 'count' ? 'count' : estimator.schedule);

test('the committed numbers are of the committed sentence, and of every schedule twice', () => {
  expect(text).toBe(readFileSync(new URL('example.txt', import.meta.url), 'utf8').trim());
  expect(pieces.join('')).toBe(text);
  expect(ids).toHaveLength(pieces.length);
  expect(estimates.map(named)).toEqual(['count', ...SCHEDULES].flatMap((name) => [name, name]));
  expect(recipe.command).toContain(`--samples ${recipe.size * recipe.batches}`);
});

test('the page says what they say: one value, many variances', () => {
  const [, count] = estimates;
  if (!count) throw new Error('no exact counts');
  const whole = estimates.filter(({ estimator }) => {
    if (estimator.kind === 'count') return true;
    if (estimator.schedule === 'drawn') return false;
    const [low, high] = visitedRates(scheduleByName(estimator.schedule));
    return high - low > 0.9;
  });
  expect(whole).toHaveLength(22);
  for (const { mean, standardError } of whole) {
    expect(Math.abs(mean - count.mean)).toBeLessThan(4 * Math.hypot(standardError, count.standardError));
  }
  const variances = whole.map(({ variance }) => variance);
  expect(Math.max(...variances)).toBeGreaterThan(5 * Math.min(...variances));
  const of = (name: string) => estimates.filter((row) => named(row) === name).map(({ batchVariance }) => batchVariance);
  for (const name of ['count', 'square']) {
    const [independent = 0, spread = 0] = of(name);
    expect(spread).toBeLessThan(independent / 2);
  }
});
