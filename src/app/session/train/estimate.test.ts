import { expect, test } from 'vitest';
import { estimateSeconds, stepsThatFit } from './estimate.ts';

const settings = { steps: 30, batch: 8, accumulation: 1, length: 64, evalEvery: 0, evalTexts: 64, sampleEvery: 0 };

test('steps, measurements and canvases each count their tokens', () => {
  // A millisecond a token.
  expect(estimateSeconds(settings, 72)).toBeCloseTo(30 * 8 * 64 * 0.0028);
  expect(estimateSeconds({ ...settings, accumulation: 2 }, 144)).toBeCloseTo(4 * 30 * 8 * 64 * 0.0028);
  const without = estimateSeconds(settings, 72);
  // At the beginning, at 15 and at 30; a canvas at the beginning and five after it.
  expect(estimateSeconds({ ...settings, evalEvery: 15 }, 72) - without).toBeCloseTo(3 * 64 * 0.064);
  expect(estimateSeconds({ ...settings, sampleEvery: 50 }, 72) - without).toBeCloseTo(6 * 32 * 0.064);
});

test('a first run has as many steps as fit into three minutes, and enough to be seen', () => {
  const whole = { ...settings, steps: 300 };
  expect(stepsThatFit(whole, 1)).toBe(300);
  const some = stepsThatFit(whole, 72);
  expect(estimateSeconds({ ...whole, steps: some }, 72)).toBeLessThanOrEqual(180);
  expect(estimateSeconds({ ...whole, steps: some + 10 }, 72)).toBeGreaterThan(180);
  expect(stepsThatFit(whole, 1e6)).toBe(30);
  expect(stepsThatFit({ ...settings, steps: 12 }, 1e6)).toBe(12);
});
