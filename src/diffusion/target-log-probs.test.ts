import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnmaskError } from './error.ts';
import { logProb, targetLogProbs } from './target-log-probs.ts';

const logits = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 2, maxLength: 20 });

describe('log p of a target', () => {
  test('is its logit less the log-sum-exp of those that can occur', () => {
    fc.assert(
      fc.property(logits, fc.nat(), fc.nat(), (row, a, b) => {
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

describe('targetLogProbs', () => {
  const asked: [number, number][] = [];
  const model = {
    vocabSize: 3,
    maxLength: 300,
    async logits(ids: Int32Array, from: number, to: number) {
      asked.push([from, to]);
      return Float32Array.from({ length: (to - from) * 3 }, (_, i) => {
        const slot = from + Math.floor(i / 3);
        return (i % 3) * Math.sin(slot + (ids[slot] as number));
      });
    },
  };

  test('reads the rows it needs, in pieces of 64, each once', async () => {
    const ids = Int32Array.from({ length: 200 }, (_, slot) => slot % 3);
    const slots = Int32Array.of(0, 63, 64, 199);
    const targets = Int32Array.of(2, 1, 0, 2);
    const found = await targetLogProbs(model, { ids, slots, targets });
    expect(asked).toEqual([
      [0, 64],
      [64, 128],
      [192, 200],
    ]);
    slots.forEach((slot, m) => {
      const a = Math.sin(slot + (ids[slot] as number));
      const expected = (targets[m] as number) * a - Math.log(1 + Math.exp(a) + Math.exp(2 * a));
      expect(found[m]).toBeCloseTo(expected, 5);
    });
    expect(await targetLogProbs(model, { ids, slots: new Int32Array(), targets: new Int32Array() })).toHaveLength(0);
  });

  test.each([
    [[0, 0], [1, 1], 'not on the canvas'],
    [[5], [1], 'not on the canvas'],
    [[1], [3], 'not in the vocabulary'],
    [[1], [], 'not in the vocabulary'],
  ])('refuses slots %j with targets %j', async (slots, targets, words) => {
    const request = { ids: Int32Array.of(0, 1), slots: Int32Array.from(slots), targets: Int32Array.from(targets) };
    const refused = targetLogProbs(model, request);
    await expect(refused).rejects.toThrow(UnmaskError);
    await expect(refused).rejects.toThrow(words);
  });
});
