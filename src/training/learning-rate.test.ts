import { expect, test } from 'vitest';
import { learningRate } from './learning-rate.ts';

const shape = { lr: 1, warmup: 0.2, steps: 20 } as const;

test.each(['linear', 'cosine', 'constant'] as const)('%s: rises, has its peak, falls', (decay) => {
  const rates = Array.from({ length: 20 }, (_, step) => learningRate(step, { ...shape, decay }));
  expect(rates.slice(0, 5)).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
  for (let i = 5; i < 20; i++) {
    if (decay === 'constant') expect(rates[i]).toBe(1);
    else expect(rates[i]).toBeLessThan(rates[i - 1]!);
  }
  const middle = { linear: 0.5, cosine: 0.5, constant: 1 }[decay];
  expect(rates[12]).toBeCloseTo(middle, 10);
  expect(rates[19]).toBeGreaterThan(0);
});

test('without warm-up the first step has the full rate', () => {
  expect(learningRate(0, { ...shape, warmup: 0, decay: 'cosine' })).toBe(1);
  expect(learningRate(0, { lr: 1, warmup: 1, steps: 1, decay: 'cosine' })).toBe(0.5);
});
