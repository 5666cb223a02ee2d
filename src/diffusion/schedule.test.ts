import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clippedSchedule, scheduleByName, timeOf } from './schedule.ts';
import { SCHEDULES } from './settings.ts';

const time = fc.double({ min: 1e-3, max: 1, noNaN: true });

describe.each(SCHEDULES)('schedule %s', (name) => {
  const schedule = scheduleByName(name);

  test('carries its own name, formula and source', () => {
    expect(schedule.name).toBe(name);
    expect(schedule.formula).not.toBe('');
    expect(schedule.source).not.toBe('');
  });

  test('is a mask rate that never decreases', () => {
    fc.assert(
      fc.property(time, time, (a, b) => {
        const low = schedule.maskRate(Math.min(a, b));
        const high = schedule.maskRate(Math.max(a, b));
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeGreaterThanOrEqual(low);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('its derivative is the slope of its mask rate', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), (t) => {
        const h = 1e-5;
        const slope = (schedule.maskRate(t + h) - schedule.maskRate(t - h)) / (2 * h);
        expect(schedule.derivative(t) / slope).toBeCloseTo(1, 5);
      }),
    );
  });

  test('its loss weight is derivative / mask rate', () => {
    // BD3's clipped weight is 1/p: it leaves out the constant width of the clipped interval.
    const width = name === 'clipped' ? 0.5 : 1;
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 0.99, noNaN: true }), (t) => {
        expect((schedule.weight(t) * width * schedule.maskRate(t)) / schedule.derivative(t)).toBeCloseTo(1, 9);
      }),
    );
  });

  test('timeOf is its inverse', () => {
    fc.assert(
      fc.property(time, (t) => {
        const rate = schedule.maskRate(t);
        const found = timeOf(schedule, rate);
        expect(schedule.maskRate(found)).toBeCloseTo(rate, 14);
        // Where p is almost flat, many times share a rate.
        if (rate < 0.999) expect(found).toBeCloseTo(t, 6);
      }),
    );
    expect(timeOf(schedule, schedule.maskRate(0) - 1e-9)).toBe(0);
    expect(timeOf(schedule, schedule.maskRate(1) + 1e-9)).toBe(1);
  });
});

describe('schedules', () => {
  test("dLLM's cosine and mdlm's are mirror images", () => {
    const dllm = scheduleByName('cosine');
    const mdlm = scheduleByName('cosine-mdlm');
    for (const t of [0, 0.2, 0.5, 0.9, 1]) {
      expect(dllm.maskRate(t)).toBeCloseTo(1 - mdlm.maskRate(1 - t) / (1 - 1e-3), 12);
    }
    // Half-way, dLLM still masks 71 % and mdlm only 29 %.
    expect(dllm.maskRate(0.5)).toBeCloseTo(Math.SQRT1_2, 12);
    expect(mdlm.maskRate(0.5)).toBeCloseTo(0.2926, 4);
  });

  test('ends are where the sources put them', () => {
    const ends = (name: (typeof SCHEDULES)[number]) => [0, 1].map((t) => scheduleByName(name).maskRate(t));
    for (const name of ['linear', 'cosine', 'square', 'square-root', 'log'] as const)
      expect(ends(name)).toEqual([0, 1]);
    for (const name of ['cosine-mdlm', 'cosine-squared'] as const) expect(ends(name)[1]).toBeCloseTo(0.999, 12);
    expect(ends('geometric')[0]).toBeCloseTo(1e-3, 5);
    expect(ends('geometric')[1]).toBeCloseTo(1 - Math.exp(-1), 12);
    expect(ends('linear-sigma')[1]).toBeCloseTo(1 - Math.exp(-10), 12);
    expect(clippedSchedule(0.2, 0.6).maskRate(1)).toBeCloseTo(0.6, 12);
  });
});
