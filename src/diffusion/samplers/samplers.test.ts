import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Prediction } from '../denoiser.ts';
import type { Situation } from '../sampler.ts';
import { SAMPLERS, type SamplerName, type Settings } from '../settings.ts';
import { situation } from '../testing/situation.ts';
import { tableDenoiser } from '../testing/table-denoiser.ts';
import { SAMPLER_TABLE } from './index.ts';

/** What a network says that gives slot i the probabilities `table[i]`, asked of every slot, greedily. */
function predict(table: readonly (readonly number[])[]): Promise<Prediction> {
  const width = table[0]!.length;
  return tableDenoiser(width, width, (_ids, slot) => table[slot]!.map(Math.log)).predict({
    ids: new Int32Array(table.length),
    slots: Int32Array.from(table.keys()),
    draw: { seed: 0, step: 0, temperature: 0 },
    topK: width,
  });
}

/** A two-word vocabulary where slot i is sure of its word by `confidences[i]`. */
const withConfidences = (confidences: readonly number[]) => predict(confidences.map((c) => [c, 1 - c]));

async function chosen(
  name: SamplerName,
  prediction: Prediction | Promise<Prediction>,
  changes: Partial<Settings> = {},
  where: Partial<Omit<Situation, 'settings'>> = {},
): Promise<number[]> {
  const answer = await prediction;
  const choice = SAMPLER_TABLE[name].choose(situation(answer.slots.length, { settings: changes, ...where }), answer);
  for (const { slot, id } of choice.reveal) expect(id).toBe(answer.ids[slot]);
  return choice.reveal.map(({ slot }) => slot);
}

describe('confidence', () => {
  test('takes the surest slots, the lower of two equal ones first', async () => {
    expect(await chosen('confidence', withConfidences([0.6, 0.9, 0.8, 0.9]))).toEqual([1, 3]);
    expect(await chosen('confidence', withConfidences([0.7, 0.7, 0.7]))).toEqual([0, 1]);
  });

  test('takes none but candidates', async () => {
    const prediction = withConfidences([0.6, 0.9, 0.8, 0.9]);
    expect(await chosen('confidence', prediction, {}, { candidates: [0, 2], quota: 1 })).toEqual([2]);
  });
});

describe('margin and entropy', () => {
  // Slot 0: best word .5, next .45. Slot 1: best .4, the rest spread thin. Slot 2: best .45, next .10.
  const table = [
    [0.5, 0.45, 0.05, 0, 0, 0, 0],
    [0.4, 0.12, 0.12, 0.12, 0.12, 0.12, 0],
    [0.45, 0.1, 0.09, 0.09, 0.09, 0.09, 0.09],
  ].map((row) => row.map((p) => p + 1e-9));

  test('margin looks at the lead over the second', async () => {
    expect(await chosen('margin', predict(table))).toEqual([2, 1]);
  });

  test('entropy looks at the whole distribution', async () => {
    expect(await chosen('entropy', predict(table))).toEqual([0, 1]);
  });

  test('margin works with a single alternative', async () => {
    const one = { ...(await withConfidences([0.6, 0.9])), topK: 1, topLogProbs: Float32Array.of(-0.5, -0.1) };
    expect(await chosen('margin', one, {}, { quota: 1 })).toEqual([1]);
  });
});

describe('random', () => {
  test('takes every slot equally often, whatever the network says', async () => {
    const prediction = await withConfidences([0.99, 0.5, 0.6, 0.7]);
    const counts = [0, 0, 0, 0];
    for (let step = 0; step < 4000; step++) {
      for (const slot of await chosen('random', prediction, {}, { step, quota: 1 })) counts[slot]!++;
    }
    for (const count of counts) expect(count / 4000).toBeCloseTo(0.25, 1);
  });
});

describe('left-to-right', () => {
  test('takes the leftmost', async () => {
    expect(await chosen('left-to-right', withConfidences([0.5, 0.9, 0.99]))).toEqual([0, 1]);
  });
});

describe('threshold', () => {
  test('takes all that are sure enough, surest first, whatever the quota', async () => {
    const confidences = withConfidences([0.95, 0.6, 0.91, 0.99]);
    expect(await chosen('threshold', confidences, { threshold: 0.9 })).toEqual([3, 0, 2]);
  });

  test('takes the best when none is', async () => {
    expect(await chosen('threshold', withConfidences([0.5, 0.7, 0.6]), { threshold: 0.9 })).toEqual([1]);
  });
});

describe('factor', () => {
  // f = 1: rank 2 needs 1 − 1/3, rank 3 needs 1 − 1/4, rank 4 needs 1 − 1/5.
  test.each([
    [[0.51, 0.66], [1]],
    [
      [0.67, 0.68],
      [1, 0],
    ],
    [
      [0.99, 0.76, 0.74],
      [0, 1],
    ],
    [
      [0.99, 0.76, 0.8],
      [0, 2, 1],
    ],
    [
      [0.81, 0.82, 0.83, 0.84],
      [3, 2, 1, 0],
    ],
    [
      [0.79, 0.82, 0.83, 0.84],
      [3, 2, 1],
    ],
  ])('of confidences %j writes slots %j', async (confidences, want) => {
    expect(await chosen('factor', withConfidences(confidences), { factor: 1 })).toEqual(want);
  });

  test('writes one at a time for f = 0 and everything for a large f', async () => {
    expect(await chosen('factor', withConfidences([0.9, 0.99, 0.8]), { factor: 0 })).toEqual([1]);
    expect(await chosen('factor', withConfidences([0.6, 0.7, 0.8]), { factor: 8 })).toEqual([2, 1, 0]);
  });
});

describe('order temperature', () => {
  test('draws slots from softmax(score / x) without replacement', async () => {
    const prediction = await withConfidences([0.9, 0.6, 0.7]);
    const heat = 0.2;
    const weights = [0.9, 0.6, 0.7].map((c) => Math.exp(c / heat));
    const total = weights.reduce((sum, w) => sum + w, 0);
    const firsts = [0, 0, 0];
    for (let step = 0; step < 4000; step++) {
      const [first, second] = await chosen('confidence', prediction, { orderTemperature: heat }, { step });
      firsts[first!]!++;
      expect(second).not.toBe(first);
    }
    firsts.forEach((count, slot) => {
      expect(count / 4000).toBeCloseTo(weights[slot]! / total, 1.5);
    });
  });
});

test.each(SAMPLERS)('%s is pure, and writes at least one candidate and none twice', async (name) => {
  const prediction = await withConfidences([0.55, 0.7, 0.6, 0.8, 0.65, 0.9]);
  await fc.assert(
    fc.asyncProperty(
      fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
      fc.nat({ max: 5 }),
      fc.boolean(),
      async (candidates, extra, warm) => {
        const where = { candidates, quota: 1 + (extra % candidates.length), grid: 3 };
        const changes = { orderTemperature: warm ? 0.3 : 0 };
        const slots = await chosen(name, prediction, changes, where);
        expect(await chosen(name, prediction, changes, where)).toEqual(slots);
        expect(new Set(slots).size).toBe(slots.length);
        expect(slots.every((slot) => candidates.includes(slot))).toBe(true);
        if (SAMPLER_TABLE[name].followsPlan) expect(slots).toHaveLength(where.quota);
        else expect(slots.length).toBeGreaterThan(0);
      },
    ),
  );
  expect(SAMPLER_TABLE[name].name).toBe(name);
});
