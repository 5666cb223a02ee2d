import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIRST_TIME, TIMES, timeDraws, unitDraws } from './times.ts';

const seed = fc.integer({ min: 0, max: 0xffffffff });

describe('times', () => {
  test.each(TIMES)('%s ones lie in [0.001, 1) and repeat with their seed and batch', (kind) => {
    fc.assert(
      fc.property(seed, fc.nat(1000), fc.integer({ min: 1, max: 64 }), (key, batch, count) => {
        const times = timeDraws(kind, count, key, batch);
        expect(times).toHaveLength(count);
        for (const t of times) expect(t >= FIRST_TIME && t < 1).toBe(true);
        expect(timeDraws(kind, count, key, batch)).toEqual(times);
      }),
    );
  });

  test('low-discrepancy ones put exactly one into each n-th of the interval, evenly spaced', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 64 }), (key, count) => {
        const draws = unitDraws('low-discrepancy', count, key, 0);
        draws.forEach((u, place) => {
          expect(Math.floor(u * count + 1e-9)).toBe(place);
          if (place > 0) expect(u - (draws[place - 1] as number)).toBeCloseTo(1 / count, 12);
        });
      }),
    );
  });

  test.each(TIMES)('each %s time is uniform', (kind) => {
    const place = 3;
    const draws = Array.from({ length: 4000 }, (_, batch) => unitDraws(kind, 8, 7, batch)[place] as number);
    // Within its own eighth when spread, over the whole interval when not.
    const [from, width] = kind === 'independent' ? [0, 1] : [3 / 8, 1 / 8];
    const mean = draws.reduce((sum, u) => sum + (u - from) / width, 0) / draws.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 / Math.sqrt(12 * draws.length));
  });
});
