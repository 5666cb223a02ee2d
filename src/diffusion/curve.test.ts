import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addPoint, type CurvePoint, curveOfStroke, curveProblem, MOST_POINTS, movePoint } from './curve.ts';
import { anyCurve } from './testing/arbitrary.ts';

const anywhere = fc.record({
  t: fc.double({ min: -0.5, max: 1.5, noNaN: true }),
  p: fc.double({ min: -0.5, max: 1.5, noNaN: true }),
});

describe('drawing a curve', () => {
  test('any stroke becomes a schedule', () => {
    fc.assert(
      fc.property(fc.array(anywhere, { maxLength: 60 }), fc.integer({ min: 1, max: MOST_POINTS }), (stroke, count) => {
        const points = curveOfStroke(stroke, count);
        expect(points).toHaveLength(count);
        expect(curveProblem(points)).toBeUndefined();
      }),
    );
  });

  test('a rising stroke is followed, a falling one levelled at its mean', () => {
    const rising = Array.from({ length: 99 }, (_, i) => ({ t: (i + 1) / 100, p: ((i + 1) / 100) ** 2 }));
    for (const { t, p } of curveOfStroke(rising)) expect(Math.abs(p - t * t)).toBeLessThan(2e-3);
    const falling: CurvePoint[] = rising.map(({ t }) => ({ t, p: 0.9 - 0.8 * t }));
    expect(new Set(curveOfStroke(falling).map(({ p }) => p))).toEqual(new Set([0.5]));
    expect(curveOfStroke([], 3)).toEqual([
      { t: 0.25, p: 0.25 },
      { t: 0.5, p: 0.5 },
      { t: 0.75, p: 0.75 },
    ]);
  });

  test('a point can be dragged anywhere, and the curve stays a schedule', () => {
    fc.assert(
      fc.property(anyCurve, fc.nat(), anywhere, (points, n, to) => {
        fc.pre(points.length > 0);
        const moved = movePoint(points, n % points.length, to);
        expect(curveProblem(moved)).toBeUndefined();
        expect(moved).toHaveLength(points.length);
      }),
    );
    expect(movePoint([{ t: 0.5, p: 0.5 }], 0, { t: 0.61, p: 0.7 })).toEqual([{ t: 0.61, p: 0.7 }]);
  });

  test('points can be added until there are too many', () => {
    expect(addPoint([{ t: 0.2, p: 0.6 }])).toEqual([
      { t: 0.2, p: 0.6 },
      { t: 0.6, p: 0.8 },
    ]);
    fc.assert(
      fc.property(anyCurve, (points) => {
        const more = addPoint(points);
        expect(curveProblem(more)).toBeUndefined();
        expect(more.length).toBe(points.length < MOST_POINTS ? points.length + 1 : points.length);
      }),
    );
  });
});
