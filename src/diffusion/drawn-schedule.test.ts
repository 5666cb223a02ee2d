import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { curveProblem, DEFAULT_CURVE, formatCurve, MOST_POINTS, parseCurve, rounded } from './curve.ts';
import { drawnSchedule, scheduleOf } from './drawn-schedule.ts';
import { UnmaskError } from './error.ts';
import { formatLink, parseLink } from './link.ts';
import { revealPlan } from './plan.ts';
import { timeOf } from './schedule.ts';
import { defaultSettings } from './settings.ts';
import { anyCurve } from './testing/arbitrary.ts';

const time = fc.double({ min: 1e-3, max: 1, noNaN: true });

describe('the text of a curve', () => {
  test('carries any points there and back, in a link too', () => {
    fc.assert(
      fc.property(anyCurve, (points) => {
        expect(curveProblem(points)).toBeUndefined();
        const curve = formatCurve(points);
        expect(parseCurve(curve)).toEqual(points);
        const settings = { ...defaultSettings(), schedule: 'drawn', curve } as const;
        expect(parseLink(formatLink(settings))).toEqual({ settings, problems: [] });
      }),
    );
    expect(formatLink({ ...defaultSettings(), curve: '100-20_500-900' })).toMatch(
      /^v=3&check=1-\w+&curve=100-20_500-900$/,
    );
    expect(parseLink('v=1&curve=0250-400').problems[0]?.message).toContain('"0250-400" is not a point');
    expect(parseLink('v=1&curve=050-040').settings.curve).toBe('50-40');
  });

  test('is refused with the reason', () => {
    const refused = (text: string, words: string) => {
      expect(() => parseCurve(text)).toThrow(UnmaskError);
      expect(() => parseCurve(text)).toThrow(words);
    };
    refused('250-400_750-300', 'must never fall');
    refused('500-400_250-600', 'left to right');
    refused('0-100', 'between t = 0 and t = 1');
    refused('250-0', 'between 0.001 and 1');
    refused('250-1001', 'between 0.001 and 1');
    refused('250', '"250" is not a point');
    refused('250-400_', '"" is not a point');
    refused(Array.from({ length: MOST_POINTS + 1 }, (_, i) => `${i + 1}-${i + 1}`).join('_'), 'at most 24 points');
  });

  test('any point can be moved to one that a link can hold', () => {
    const any = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(any, any, (t, p) => {
        expect(curveProblem([rounded({ t, p })])).toBeUndefined();
      }),
    );
  });
});

describe('a drawn schedule', () => {
  test('goes through its points, from 0 to 1', () => {
    fc.assert(
      fc.property(anyCurve, (points) => {
        const { maskRate } = drawnSchedule(points);
        for (const { t, p } of [{ t: 0, p: 0 }, ...points, { t: 1, p: 1 }]) expect(maskRate(t)).toBeCloseTo(p, 12);
      }),
    );
  });

  test('never falls, and stays between its points', () => {
    fc.assert(
      fc.property(anyCurve, time, time, (points, a, b) => {
        const { maskRate } = drawnSchedule(points);
        const [low, high] = [maskRate(Math.min(a, b)), maskRate(Math.max(a, b))];
        expect(low).toBeGreaterThan(0);
        expect(high).toBeGreaterThanOrEqual(low - 1e-12);
        expect(high).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  test('its derivative is its slope, and its weight derivative / mask rate', () => {
    fc.assert(
      fc.property(anyCurve, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (points, t) => {
        const { maskRate, derivative, weight } = drawnSchedule(points);
        const h = 1e-7;
        // Not across a knot, where the slope may turn within h.
        fc.pre(points.every((point) => Math.abs(point.t - t) > 2 * h));
        const slope = (maskRate(t + h) - maskRate(t - h)) / (2 * h);
        expect(Math.abs(derivative(t) - slope)).toBeLessThan(1e-3 * Math.max(1, slope));
        expect(derivative(t)).toBeGreaterThanOrEqual(0);
        expect(weight(t)).toBeCloseTo(derivative(t) / maskRate(t), 9);
      }),
    );
  });

  test('without points is linear, and through points on a line too', () => {
    for (const points of [[], [{ t: 0.3, p: 0.3 }]]) {
      const { maskRate, derivative, weight } = drawnSchedule(points);
      for (const t of [0.1, 0.3, 0.77]) {
        expect(maskRate(t)).toBeCloseTo(t, 12);
        expect(derivative(t)).toBeCloseTo(1, 12);
        expect(weight(t)).toBeCloseTo(1 / t, 9);
      }
    }
  });

  test('does not overshoot where an ordinary cubic would', () => {
    // Flat, a cliff, flat: the natural spline leaves [0.1, 0.9] here.
    const { maskRate, derivative } = drawnSchedule(parseCurve('100-100_490-100_510-900_900-900'));
    expect(maskRate(0.3)).toBe(0.1);
    expect(maskRate(0.7)).toBeCloseTo(0.9, 12);
    expect(derivative(0.3)).toBe(0);
    expect(maskRate(0.5)).toBeCloseTo(0.5, 12);
  });

  test('has times for its rates', () => {
    fc.assert(
      fc.property(anyCurve, time, (points, t) => {
        const schedule = drawnSchedule(points);
        expect(schedule.maskRate(timeOf(schedule, schedule.maskRate(t)))).toBeCloseTo(schedule.maskRate(t), 9);
      }),
    );
  });

  test('plans like any other', () => {
    fc.assert(
      fc.property(
        anyCurve,
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 70 }),
        (points, masks, steps) => {
          const plan = revealPlan(drawnSchedule(points), masks, steps);
          expect(plan.reduce((sum, { count }) => sum + count, 0)).toBe(masks);
        },
      ),
    );
  });

  test('is what the settings mean by it', () => {
    expect(scheduleOf({ schedule: 'cosine', curve: DEFAULT_CURVE }).name).toBe('cosine');
    const one = scheduleOf({ schedule: 'drawn', curve: '500-200' });
    expect(one.maskRate(0.5)).toBeCloseTo(0.2, 12);
    expect(scheduleOf({ schedule: 'drawn', curve: '500-800' }).maskRate(0.5)).toBeCloseTo(0.8, 12);
    expect(String(one.formula)).toBe('through (0, 0), (0.5, 0.2), (1, 1)');
    expect(() => drawnSchedule([{ t: 0.5, p: 2 }])).toThrow(UnmaskError);
  });
});
