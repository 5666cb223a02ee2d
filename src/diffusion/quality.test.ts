import { describe, expect, test } from 'vitest';
import { distinct, type JudgedText, jackknife, perplexity, qualityOf } from './quality.ts';

const text = (group: string, ids: number[], probability: number): JudgedText => ({
  group,
  ids,
  logProbs: ids.map(() => Math.log(probability)),
});
const average = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

describe('perplexity', () => {
  test('is the inverse of the geometric mean of the probabilities', () => {
    expect(perplexity([Math.log(0.5), Math.log(0.125)])).toBeCloseTo(4, 12);
    expect(perplexity([Math.log(1 / 4096)])).toBeCloseTo(4096, 8);
    expect(perplexity([])).toBeNaN();
  });
});

describe('distinct-n', () => {
  test('counts different n-grams over the whole set, not across texts', () => {
    // Bigrams: (1 2) (2 1) | (1 2) (2 3): 3 different of 4; (1 1) across the border is none.
    expect(
      distinct(
        [
          [1, 2, 1],
          [1, 2, 3],
        ],
        2,
      ),
    ).toBe(3 / 4);
    expect(
      distinct(
        [
          [1, 2, 1],
          [1, 2, 3],
        ],
        1,
      ),
    ).toBe(3 / 6);
    expect(distinct([[1], [2]], 2)).toBeNaN();
  });
});

describe('the jackknife', () => {
  test('of a mean is its usual standard error s/√n', () => {
    // Values 1, 2, 6: mean 3, s² = (4 + 1 + 9)/2 = 7, standard error √(7/3).
    const { value, error } = jackknife([1, 2, 6], average);
    expect(value).toBe(3);
    expect(error).toBeCloseTo(Math.sqrt(7 / 3), 12);
  });

  test('of one group knows no error', () => {
    expect(jackknife([4], average)).toEqual({ value: 4, error: Number.NaN });
  });
});

describe('the quality of a set', () => {
  // Three tokens at 1/2 and one at 1/16, in two groups.
  const texts = [text('a', [1, 2, 1], 1 / 2), text('b', [5], 1 / 16)];

  test('perplexity is over tokens, not over texts, and its bar is lopsided', () => {
    const { perplexity: found } = qualityOf(texts);
    // Mean of (ln 2, ln 2, ln 2, ln 16) = 7/4 ln 2; left out one at a time: 4 ln 2 and ln 2, so the error is 3/2 ln 2.
    expect(found.value).toBeCloseTo(2 ** (7 / 4), 12);
    expect(found.low).toBeCloseTo(2 ** (7 / 4 - 3 / 2), 12);
    expect(found.high).toBeCloseTo(2 ** (7 / 4 + 3 / 2), 12);
  });

  test('entropy and repetition are means over texts', () => {
    const { entropy, repetition } = qualityOf([text('a', [1, 2], 0.5), text('b', [3, 3, 3, 3], 0.5)]);
    expect(entropy.value).toBeCloseTo(Math.log(2) / 2, 12);
    // The second text has three bigrams of which two are old, two trigrams of which one is, and one 4-gram.
    const expected = [2 / 3 / 2, 1 / 2 / 2, 0];
    for (const [at, { value }] of repetition.entries()) expect(value).toBeCloseTo(expected[at] as number, 12);
  });

  test('texts of one group count as one when errors are made', () => {
    const one = qualityOf([text('a', [1, 2], 0.5), text('a', [1, 1], 0.5)]);
    expect(one.entropy.value).toBeCloseTo(Math.log(2) / 2, 12);
    expect(one.entropy.low).toBeNaN();
  });

  test('an empty text adds nothing', () => {
    const { entropy } = qualityOf([...texts, text('c', [], 1)]);
    expect(entropy.value).toBeCloseTo(qualityOf(texts).entropy.value, 12);
  });
});
