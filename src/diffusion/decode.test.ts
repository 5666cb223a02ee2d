import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeLogits, decodeRow, logProb } from './decode.ts';
import { type DrawnSequence, predictOne } from './network.ts';
import { Stream, stepKey } from './rng.ts';
import { tableNetwork } from './testing/table-network.ts';

/** How near single and double precision are, for numbers of the size of a logit. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    if (actual[i] !== expected[i]) expect(actual[i]).toBeCloseTo(expected[i] as number, 4);
  }
}

describe('decodeRow', () => {
  test('a fair coin: ln 2 nats of entropy, half the probability each', () => {
    const row = decodeRow(Float32Array.of(3, 3), 2);
    expect(row.id).toBe(0);
    expect(row.logProb).toBeCloseTo(-Math.LN2, 12);
    expect(row.entropy).toBeCloseTo(Math.LN2, 12);
    expect(row.logSumExp).toBeCloseTo(3 + Math.LN2, 12);
    expect([...row.topIds]).toEqual([0, 1]);
  });

  test('a certain id has no entropy, and impossible ids are not listed', () => {
    const row = decodeRow(Float32Array.of(-Infinity, 7, -Infinity), 3);
    expect(row).toMatchObject({ id: 1, logProb: 0, entropy: 0, logSumExp: 7 });
    expect([...row.topIds]).toEqual([1, -1, -1]);
    expect([...row.topLogProbs]).toEqual([0, -Infinity, -Infinity]);
  });

  test('equal logits are listed by id, and the smaller id is drawn', () => {
    const row = decodeRow(Float32Array.of(1, 5, 5, 1, 5), 3);
    expect([...row.topIds]).toEqual([1, 2, 4]);
    expect(row.id).toBe(1);
  });

  test('logits beyond the range of exp keep their differences', () => {
    const row = decodeRow(Float32Array.of(2000, 2001), 1);
    expect(row.logProb).toBeCloseTo(-Math.log1p(Math.exp(-1)), 6);
    expect(Number.isFinite(row.entropy)).toBe(true);
  });

  test('a broken row shows as NaN instead of a made-up token', () => {
    expect(decodeRow(Float32Array.of(1, Number.NaN), 3).logSumExp).toBeNaN();
    expect(decodeRow(Float32Array.of(Number.NaN), 3, { temperature: 1, key: [1, 2], slot: 0 }).logProb).toBeNaN();
  });

  test('nothing is drawn where every id is suppressed', () => {
    const row = decodeRow(Float32Array.of(-Infinity, -Infinity), 2, { temperature: 1, key: [1, 2], slot: 0 });
    expect(row).toMatchObject({ id: -1, logProb: -Infinity, entropy: 0, logSumExp: -Infinity });
    expect([...row.topIds]).toEqual([-1, -1]);
  });

  test('draws softmax(logits / temperature)', () => {
    const logits = Float32Array.of(0, 1, 2, -1);
    const temperature = 0.7;
    const counts = [0, 0, 0, 0];
    const draws = 20_000;
    for (let step = 0; step < draws; step++) {
      const key = stepKey(9, step, Stream.Gumbel);
      const { id } = decodeRow(logits, 1, { temperature, key, slot: 0 });
      counts[id] = (counts[id] as number) + 1;
    }
    const weights = Array.from(logits, (logit) => Math.exp(logit / temperature));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, id) => {
      expect((counts[id] as number) / draws).toBeCloseTo(weight / total, 1.7);
    });
  });
});

const request = fc.record({
  vocabulary: fc.integer({ min: 2, max: 80 }),
  slots: fc.integer({ min: 1, max: 5 }),
  seed: fc.integer({ min: 0, max: 0xffffffff }),
  temperature: fc.constantFrom(0, 0.3, 1, 2),
  guided: fc.boolean(),
});

test('decodes as the table network does, which computes each number in the most direct way', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ vocabulary, slots: count, seed, temperature, guided }) => {
      const logitsOf = (ids: Int32Array, slot: number) =>
        Float32Array.from(
          { length: vocabulary },
          (_, id) => 8 * Math.sin(id * 12.9898 + slot * 78.233 + (ids[0] ?? 0)),
        );
      const ids = Int32Array.from({ length: count }, () => 1);
      const unconditional = Int32Array.from(ids, () => 0);
      const slots = Int32Array.from(ids, (_, slot) => slot);
      const sequence: DrawnSequence = {
        ids,
        asked: slots,
        draw: { seed, step: 3, temperature },
        ...(guided ? { guidance: { unconditional, scale: 1.5 } } : {}),
      };
      const options = { topK: Math.min(4, vocabulary - 1), suppress: [1] };
      const expected = await predictOne(tableNetwork(vocabulary, 1, logitsOf), sequence, options);
      const rows = (canvas: Int32Array) => Float32Array.from([...slots].flatMap((slot) => [...logitsOf(canvas, slot)]));
      const actual = decodeLogits(rows(ids), guided ? rows(unconditional) : undefined, sequence, options, expected);
      expect([...actual.ids]).toEqual([...expected.ids]);
      expect([...actual.topIds]).toEqual([...expected.topIds]);
      for (const name of ['logProbs', 'entropy', 'logSumExp', 'topLogProbs'] as const) {
        expectClose(actual[name], expected[name]);
      }
      expect(actual.forwards).toBe(expected.forwards);
    }),
  );
});

const anyLogits = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 2, maxLength: 20 });

describe('log p of a target', () => {
  test('is its logit less the log-sum-exp of those that can occur', () => {
    fc.assert(
      fc.property(anyLogits, fc.nat(), fc.nat(), (row, a, b) => {
        const [target, off] = [a % row.length, b % row.length];
        const rest = row.filter((_, id) => id !== off);
        const sum = rest.reduce((total, x) => total + Math.exp(x), 0);
        const expected = target === off ? Number.NEGATIVE_INFINITY : (row[target] as number) - Math.log(sum);
        expect(logProb(row, target, [off])).toBeCloseTo(expected, 8);
      }),
    );
  });

  test('does not overflow', () => {
    expect(logProb([1000, 999], 0)).toBeCloseTo(-Math.log1p(Math.exp(-1)), 12);
    expect(logProb([-1000, -1000], 1)).toBeCloseTo(-Math.LN2, 12);
    // A suppressed giant leaves the others as they are among themselves.
    expect(logProb([5000, 1, 1], 1, [0])).toBeCloseTo(-Math.LN2, 12);
  });
});
