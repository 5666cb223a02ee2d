import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corrupt, corruptExactly, slotDraws } from './corrupt.ts';
import { scheduleByName } from './schedule.ts';
import { SCHEDULES } from './settings.ts';

const MASK = 99;
const text = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 });
const seed = fc.integer({ min: 0, max: 0xffffffff });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('the forward process', () => {
  test('masks what it says, and leaves the rest as it was', () => {
    fc.assert(
      fc.property(text, share, seed, (ids, rate, key) => {
        const { ids: canvas, masked } = corrupt(ids, MASK, rate, key);
        const expected = ids.map((id, slot) => (masked.includes(slot) ? MASK : id));
        expect(Array.from(canvas)).toEqual(expected);
        expect(Array.from(masked)).toEqual(Array.from(masked).sort((a, b) => a - b));
      }),
    );
  });

  test('a higher rate keeps every mask and adds to them; the same seed masks the same', () => {
    fc.assert(
      fc.property(text, share, share, seed, (ids, a, b, key) => {
        const [few, many] = [Math.min(a, b), Math.max(a, b)].map((rate) => corrupt(ids, MASK, rate, key).masked);
        for (const slot of few as Int32Array) expect(many).toContain(slot);
        expect(corrupt(ids, MASK, a, key)).toEqual(corrupt(ids, MASK, a, key));
      }),
    );
  });

  test('masks nothing at rate 0 and everything at rate 1', () => {
    fc.assert(
      fc.property(text, seed, (ids, key) => {
        expect(corrupt(ids, MASK, 0, key).masked).toHaveLength(0);
        expect(corrupt(ids, MASK, 1, key).masked).toHaveLength(ids.length);
      }),
    );
  });

  test.each(SCHEDULES)('the share of masks over many seeds is p(t) of %s', (name) => {
    const rate = scheduleByName(name).maskRate(0.4);
    const ids = Array.from({ length: 50 }, (_, i) => i);
    let masked = 0;
    for (let key = 0; key < 400; key++) masked += corrupt(ids, MASK, rate, key).masked.length;
    // 20,000 tosses: four standard deviations.
    expect(Math.abs(masked / 20_000 - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / 20_000) + 1e-9);
  });

  test('an exact count masks that many, the first to go at a rising rate', () => {
    fc.assert(
      fc.property(text, seed, fc.nat(), (ids, key, n) => {
        const count = n % (ids.length + 1);
        const { masked } = corruptExactly(ids, MASK, count, key);
        expect(masked).toHaveLength(count);
        const draws = slotDraws(ids.length, key);
        const last = Math.max(0, ...Array.from(masked, (slot) => draws[slot] as number));
        expect(corrupt(ids, MASK, last, key).masked.length).toBeLessThanOrEqual(count);
        for (const slot of corrupt(ids, MASK, last, key).masked) expect(masked).toContain(slot);
      }),
    );
  });
});
