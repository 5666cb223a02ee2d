import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Prediction, predictOne } from '../network.ts';
import type { Situation } from '../sampler.ts';
import { SAMPLERS, type SamplerName, SETTING_NAMES, type Settings } from '../settings.ts';
import { situation } from '../testing/situation.ts';
import { tableNetwork } from '../testing/table-network.ts';
import { drawnFrom } from '../truncate.ts';
import { SAMPLER_TABLE } from './index.ts';

/** What a network says that gives slot i the probabilities `table[i]`, asked of every slot, greedily. */
function predict(table: readonly (readonly number[])[]): Promise<Prediction> {
  const width = table[0]!.length;
  const network = tableNetwork(width, width, (_ids, slot) => table[slot]!.map(Math.log));
  const ids = new Int32Array(table.length);
  const draw = { seed: 0, step: 0, temperature: 0 };
  return predictOne(network, { ids, asked: Int32Array.from(ids.keys()), draw }, { topK: width });
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

describe('entropy-bounded', () => {
  // Entropies .08, .01, .30, .03: sorted, sum less largest is 0, .01, .04, .12.
  const withEntropies = async (...entropy: number[]) => ({
    ...(await withConfidences(entropy.map(() => 0.9))),
    entropy: Float32Array.from(entropy),
  });

  test('takes the longest start of the list whose sum less the largest is within γ', async () => {
    const prediction = withEntropies(0.08, 0.01, 0.3, 0.03);
    expect(await chosen('entropy-bounded', prediction, { gamma: 0.1 })).toEqual([1, 3, 0]);
    expect(await chosen('entropy-bounded', prediction, { gamma: 0.02 })).toEqual([1, 3]);
    expect(await chosen('entropy-bounded', prediction, { gamma: 8 })).toEqual([1, 3, 0, 2]);
  });

  test('writes one at a time for γ = 0, and what is certain besides', async () => {
    expect(await chosen('entropy-bounded', withEntropies(0.2, 0.1), { gamma: 0 })).toEqual([1]);
    expect(await chosen('entropy-bounded', withEntropies(0, 0.1, 0), { gamma: 0 })).toEqual([0, 2, 1]);
  });
});

describe("Dream's scores", () => {
  // At temperature ½ probabilities are squared: slot 0 is .8² / (.8² + .2²) = .941 sure, slot 1 is .5 / .5.
  const prediction = predict([
    [0.8, 0.2, 1e-9],
    [0.5, 0.5, 1e-9],
    [0.6, 0.3, 0.1],
  ]);
  const score = async (name: 'maskgit-plus' | 'topk-margin' | 'dream-entropy', settings: Partial<Settings>) => {
    const answer = await prediction;
    return Array.from(answer.slots, (row) => {
      const found = drawnFrom(answer, row, situation(3, { settings }).settings);
      if (name === 'maskgit-plus') return found.chosen;
      return name === 'dream-entropy' ? found.entropy : found.probabilities[0]! - (found.probabilities[1] ?? 0);
    });
  };

  test('are of the distribution at the temperature of the draw', async () => {
    const settings = { temperature: 0.5, topP: 1 };
    const squares = [0.36, 0.09, 0.01].map((p) => p / 0.46);
    const [sure, even, three] = await score('maskgit-plus', settings);
    expect(sure).toBeCloseTo(0.64 / 0.68, 5);
    expect(even).toBeCloseTo(0.5, 5);
    expect(three).toBeCloseTo(squares[0]!, 5);
    expect((await score('topk-margin', settings))[0]).toBeCloseTo(0.6 / 0.68, 5);
    const entropy = squares.reduce((sum, p) => sum - p * Math.log(p), 0);
    expect((await score('dream-entropy', settings))[2]).toBeCloseTo(entropy, 5);
  });

  test('are of what top-k and top-p leave', async () => {
    const settings = { temperature: 1, topP: 0.85 };
    // Slot 2 keeps .6 and .3, which are then 2/3 and 1/3.
    expect((await score('maskgit-plus', settings))[2]).toBeCloseTo(2 / 3, 5);
    expect((await score('topk-margin', settings))[2]).toBeCloseTo(1 / 3, 5);
    expect((await score('dream-entropy', { ...settings, topK: 1 }))[2]).toBeCloseTo(0, 5);
  });

  test('to the letter, they rank what is left by top-k and top-p at temperature 0, too', async () => {
    // Cut to two, the first is .6 / .9 sure and the second .55 / .8.
    const two = predict([
      [0.6, 0.3, 0.1],
      [0.55, 0.25, 0.2],
    ]);
    const letter = (sampler: SamplerName) => chosen(sampler, two, { ...changes, sampler, exact: true }, { quota: 1 });
    const changes = { temperature: 0, topK: 2, topP: 1 };
    expect(await chosen('maskgit-plus', two, { ...changes, sampler: 'maskgit-plus' }, { quota: 1 })).toEqual([0]);
    expect(await letter('maskgit-plus')).toEqual([1]);
    expect(await letter('topk-margin')).toEqual([1]);
    expect(await letter('dream-entropy')).toEqual([1]);
    expect(await letter('confidence')).toEqual([0]);
  });

  test.each([
    ['maskgit-plus', 'confidence'],
    ['topk-margin', 'margin'],
    ['dream-entropy', 'entropy'],
  ] as const)('%s is %s at temperatures 1 and 0 when nothing is cut off', async (dream, plain) => {
    for (const temperature of [0, 1]) {
      const changes = { temperature, topP: 1, orderTemperature: 0.4 };
      for (let step = 0; step < 50; step++) {
        expect(await chosen(dream, prediction, changes, { step })).toEqual(
          await chosen(plain, prediction, changes, { step }),
        );
      }
    }
  });
});

describe('order', () => {
  test('goes by the pattern over the new text, masks typed into the prompt first', async () => {
    const prediction = withConfidences([0.9, 0.8, 0.7, 0.6, 0.5, 0.55]);
    const layout = { start: 2, width: 4, blocks: 1, steps: 4 };
    const candidates = [1, 2, 3, 4, 5];
    const where = { layout, candidates, quota: 3 };
    expect(await chosen('order', prediction, { pattern: 'drawn', order: '3,1' }, where)).toEqual([1, 5, 3]);
    expect(await chosen('order', prediction, { pattern: 'checkerboard', width: 2 }, where)).toEqual([1, 2, 5]);
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

test.each(SAMPLERS)('%s says where it comes from and reads only settings there are', (name) => {
  const { source, uses, followsPlan, followsTime } = SAMPLER_TABLE[name];
  expect(source.length).toBeGreaterThan(10);
  expect(new Set(uses).size).toBe(uses.length);
  for (const setting of uses) expect(SETTING_NAMES).toContain(setting);
  expect(followsPlan && followsTime).toBeFalsy();
});
