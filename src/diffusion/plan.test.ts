import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evenPlan, revealFraction, revealPlan, roundHalfEven } from './plan.ts';
import { scheduleByName } from './schedule.ts';
import { SCHEDULES } from './settings.ts';

const times = (count: number, value: number) => Array.from({ length: count }, () => value);
const counts = (name: (typeof SCHEDULES)[number], masks: number, steps: number) =>
  revealPlan(scheduleByName(name), masks, steps)
    .map(({ count }) => count)
    .filter((count) => count > 0);

const anyPlan = {
  name: fc.constantFrom(...SCHEDULES),
  masks: fc.integer({ min: 0, max: 300 }),
  steps: fc.integer({ min: 1, max: 300 }),
};

describe('revealPlan', () => {
  // What dLLM's get_num_transfer_tokens gives with float32 ratios, zero steps dropped.
  test.each([
    [32, 32, times(32, 1), [...times(17, 1), 2, 2, 2, 1, 2, 1, 2, 1, 2]],
    [32, 16, times(16, 2), [1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3]],
    [32, 12, [3, 3, 3, 3, 3, 2, 3, 2, 3, 2, 3, 2], [1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4]],
    [32, 8, times(8, 4), [1, 2, 3, 4, 5, 5, 6, 6]],
    [32, 4, times(4, 8), [2, 7, 11, 12]],
    [32, 64, times(32, 1), times(32, 1)],
    [10, 4, [2, 3, 2, 3], [1, 2, 3, 4]],
    [128, 8, times(8, 16), [2, 7, 12, 16, 20, 22, 24, 25]],
  ])('%i masks in %i steps', (masks, steps, linear, cosine) => {
    expect(counts('linear', masks, steps)).toEqual(linear);
    expect(counts('cosine', masks, steps)).toEqual(cosine);
  });

  test('reveals every mask, whatever the schedule', () => {
    fc.assert(
      fc.property(anyPlan.name, anyPlan.masks, anyPlan.steps, fc.boolean(), (name, masks, steps, stochastic) => {
        const draws = stochastic ? { seed: 1, block: 0 } : undefined;
        const plan = revealPlan(scheduleByName(name), masks, steps, 0, draws);
        expect(plan.reduce((sum, { count }) => sum + count, 0)).toBe(masks);
        expect(plan.every(({ count }) => Number.isInteger(count) && count >= 0)).toBe(true);
        expect(plan.map(({ grid }) => grid)).toEqual(plan.map((_, j) => j));
      }),
    );
  });

  test('planned anew from any grid point goes on as before', () => {
    fc.assert(
      fc.property(
        anyPlan.name,
        anyPlan.masks,
        anyPlan.steps,
        fc.nat(300),
        fc.boolean(),
        (name, n, steps, cut, draw) => {
          const schedule = scheduleByName(name);
          const draws = draw ? { seed: 9, block: 2 } : undefined;
          const plan = revealPlan(schedule, n, steps, 0, draws);
          const done = plan.slice(0, cut).reduce((sum, { count }) => sum + count, 0);
          expect(revealPlan(schedule, n - done, steps, cut, draws)).toEqual(plan.slice(cut));
        },
      ),
    );
  });

  test('drawn counts have the mean of the reveal fraction', () => {
    let first = 0;
    for (let seed = 0; seed < 500; seed++) {
      first += revealPlan(scheduleByName('linear'), 40, 4, 0, { seed, block: 0 })[0]?.count ?? 0;
    }
    expect(first / 500).toBeCloseTo(10, 0);
  });
});

describe('revealFraction', () => {
  test('is (p(t) − p(s)) / p(t)', () => {
    expect(revealFraction(scheduleByName('linear'), 0, 4)).toBe(0.25);
    // dLLM's cosine: 1 − sin(3π/8).
    expect(revealFraction(scheduleByName('cosine'), 0, 4)).toBeCloseTo(0.0761, 4);
    fc.assert(
      fc.property(anyPlan.name, fc.integer({ min: 1, max: 99 }), (name, grid) => {
        const { maskRate } = scheduleByName(name);
        const fraction = 1 - maskRate((99 - grid) / 100) / maskRate((100 - grid) / 100);
        expect(revealFraction(scheduleByName(name), grid, 100)).toBeCloseTo(grid === 99 ? 1 : fraction, 4);
      }),
    );
  });

  test('the fractions share out the whole text', () => {
    fc.assert(
      fc.property(anyPlan.name, anyPlan.steps, (name, steps) => {
        let masked = 1;
        for (let grid = 0; grid < steps; grid++) masked *= 1 - revealFraction(scheduleByName(name), grid, steps);
        expect(masked).toBe(0);
      }),
    );
  });
});

describe('roundHalfEven', () => {
  test.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [2.500001, 3],
    [2.499999, 2],
  ])('%d becomes %i', (x, want) => {
    expect(roundHalfEven(x)).toBe(want);
  });
});

describe('evenPlan', () => {
  test('gives the remainder to the first steps', () => {
    expect(evenPlan(32, 12)).toEqual([...times(8, 3), ...times(4, 2)]);
  });
});
