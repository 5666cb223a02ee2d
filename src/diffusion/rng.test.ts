import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomial, exponential, fillGumbel, gumbel, Stream, stepKey, threefry2x32, uniform, word } from './rng.ts';

const bits = fc.integer({ min: 0, max: 0xffffffff });

describe('threefry2x32', () => {
  // Known-answer vectors of Random123 (tests/kat_vectors, threefry2x32 20); JAX tests the same three.
  test.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as const)('key %j and counter %j give %j', (key, counter, want) => {
    expect(threefry2x32(key, counter)).toEqual(want);
  });

  test('the key of a step and the word of a draw follow the documented counters', () => {
    expect(stepKey(7, 3, Stream.Order)).toEqual(threefry2x32([7, 0], [3, 1]));
    const key = stepKey(7, 3, Stream.Gumbel);
    expect([word(key, 9, 10), word(key, 9, 11)]).toEqual(threefry2x32(key, [9, 5]));
  });

  test('flipping one bit of the counter flips about half the output bits', () => {
    let flipped = 0;
    for (let i = 0; i < 1000; i++) {
      const a = threefry2x32([1, 2], [i, 0])[0];
      const b = threefry2x32([1, 2], [i ^ (1 << (i % 32)), 0])[0];
      for (let d = (a ^ b) >>> 0; d !== 0; d >>>= 1) flipped += d & 1;
    }
    expect(flipped / 32_000).toBeCloseTo(0.5, 1);
  });
});

describe('uniform', () => {
  test('stays strictly between 0 and 1 and is an f32', () => {
    fc.assert(
      fc.property(bits, (b) => {
        const w = uniform(b);
        return w > 0 && w < 1 && Math.fround(w) === w && Math.abs(w - b / 2 ** 32) < 2 ** -24;
      }),
    );
    expect(uniform(0)).toBe(2 ** -33);
    expect(uniform(0xffffffff)).toBe(1 - 2 ** -24);
  });
});

describe('exponential', () => {
  test('keeps its relative precision down to the smallest w', () => {
    for (let w = 2 ** -33; w < 1; w *= 1.01) {
      const f = Math.fround(w);
      expect(Math.abs(exponential(f) / -Math.log1p(-f) - 1)).toBeLessThan(4e-7);
    }
  });

  test('is continuous where the series ends', () => {
    expect(exponential(Math.fround(0.125 - 2 ** -27))).toBeCloseTo(exponential(0.125), 6);
  });
});

describe('gumbel', () => {
  test('reaches far beyond the 16.6 of an f32 computed from u', () => {
    const largest = -Math.log(exponential(uniform(0)));
    expect(largest).toBeCloseTo(33 * Math.LN2, 5);
  });

  test('has the mean, variance and median of the standard Gumbel distribution', () => {
    const noise = fillGumbel(new Float32Array(200_000), stepKey(42, 0, Stream.Gumbel), 3);
    const mean = noise.reduce((a, b) => a + b, 0) / noise.length;
    const variance = noise.reduce((a, b) => a + (b - mean) ** 2, 0) / noise.length;
    expect(mean).toBeCloseTo(0.5772, 1);
    expect(variance).toBeCloseTo(Math.PI ** 2 / 6, 1);
    expect(noise.toSorted()[100_000]).toBeCloseTo(-Math.log(Math.LN2), 1);
  });

  test('a whole row equals its single draws, also for an odd vocabulary', () => {
    const key = stepKey(1, 2, Stream.Gumbel);
    const row = fillGumbel(new Float32Array(101), key, 17);
    row.forEach((value, id) => {
      expect(value).toBe(gumbel(key, 17, id));
    });
  });

  test('arg-max of logit + noise draws from the softmax', () => {
    const p = [0.5, 0.3, 0.15, 0.05];
    const counts = [0, 0, 0, 0];
    for (let step = 0; step < 20_000; step++) {
      const key = stepKey(5, step, Stream.Gumbel);
      const scores = p.map((x, id) => Math.log(x) + gumbel(key, 0, id));
      const best = scores.indexOf(Math.max(...scores));
      counts[best] = (counts[best] ?? 0) + 1;
    }
    p.forEach((x, id) => {
      expect((counts[id] ?? 0) / 20_000).toBeCloseTo(x, 1.5);
    });
  });
});

describe('binomial', () => {
  test('is certain at the ends', () => {
    const key = stepKey(1, 1, Stream.Binomial);
    expect(binomial(key, 0, 40, 0)).toBe(0);
    expect(binomial(key, 0, 40, 1)).toBe(40);
  });

  test('has mean n·p', () => {
    let sum = 0;
    for (let step = 0; step < 2000; step++) sum += binomial(stepKey(3, step, Stream.Binomial), 0, 20, 0.3);
    expect(sum / 2000).toBeCloseTo(6, 0);
  });
});
