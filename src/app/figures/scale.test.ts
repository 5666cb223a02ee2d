import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Axis, domainOf, scaleOf, ticksOf } from './scale.ts';

const axis = (low: number, high: number, log = false): Axis => ({
  label: 'x',
  domain: [low, high],
  log,
  format: String,
});

describe('scales', () => {
  test('place values between two pixels, and read them back', () => {
    const scale = scaleOf(axis(2, 4), 100, 0);
    expect([2, 3, 4].map(scale.place)).toEqual([100, 50, 0]);
    expect(scale.value(25)).toBe(3.5);
    const log = scaleOf(axis(0.1, 10, true), 0, 200);
    expect(log.place(1)).toBeCloseTo(100, 9);
    expect(log.value(100)).toBeCloseTo(1, 9);
  });

  test('never leave the axis', () => {
    fc.assert(
      fc.property(fc.double(), fc.boolean(), (value, log) => {
        const at = scaleOf(axis(0.5, 8, log), 10, 90).place(value);
        expect(at).toBeGreaterThanOrEqual(10);
        expect(at).toBeLessThanOrEqual(90);
      }),
    );
  });
});

describe('ticks', () => {
  test('are round numbers', () => {
    expect(ticksOf(axis(0, 1))).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticksOf(axis(2.3, 3.4))).toEqual([2.4, 2.6, 2.8, 3, 3.2, 3.4]);
    expect(ticksOf(axis(0.05, 2000, true))).toEqual([0.1, 1, 10, 100, 1000]);
    expect(ticksOf(axis(2, 9, true))).toEqual([2, 4, 6, 8]);
    expect(ticksOf(axis(3, 3))).toEqual([3]);
  });

  test('lie within the domain, and are few', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (low, span) => {
          const ticks = ticksOf(axis(low, low + span));
          expect(ticks.length).toBeGreaterThan(0);
          expect(ticks.length).toBeLessThanOrEqual(7);
          for (const tick of ticks) {
            expect(tick).toBeGreaterThanOrEqual(low - span * 1e-6);
            expect(tick).toBeLessThanOrEqual(low + span * (1 + 1e-6));
          }
        },
      ),
    );
  });
});

test('a domain holds its values, with air, and never collapses', () => {
  expect(domainOf([])).toEqual([0, 1]);
  expect(domainOf([3, Number.NaN])).toEqual([2.82, 6.18]);
  expect(domainOf([0, 10], { zero: true })).toEqual([0, 10.6]);
  const [low, high] = domainOf([0.5, 200], { log: true });
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(200);
});
