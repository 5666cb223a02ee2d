import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_CURVE } from './curve.ts';
import { scheduleOf } from './drawn-schedule.ts';
import {
  type Draw,
  drawBatch,
  type Estimator,
  measureBatch,
  measureInTurns,
  summarise,
  visitedRates,
} from './likelihood.ts';
import type { Network, Sequence } from './network.ts';
import { SCHEDULE_CHOICES, type ScheduleChoice } from './settings.ts';
import { hashNetwork } from './testing/arbitrary.ts';
import { type TableNetwork, tableNetwork } from './testing/table-network.ts';
import { TIMES, type Times } from './times.ts';

const bySchedule = (schedule: ScheduleChoice, times: Times = 'independent'): Estimator => ({
  kind: 'schedule',
  schedule,
  curve: DEFAULT_CURVE,
  times,
});

/** There are so few canvases that all answers are remembered. */
function remembering(table: TableNetwork): Network {
  const known = new Map<string, Float32Array>();
  return {
    ...table,
    async score(batch, targets, options) {
      const keys = batch.map(({ ids, asked }, i) => {
        return `${ids.join()}|${asked.join()}|${targets[i]?.join()}|${options?.suppress?.join()}`;
      });
      for (const [i, key] of keys.entries()) {
        if (known.has(key)) continue;
        const [answer] = await table.score([batch[i] as Sequence], [targets[i] as Int32Array], options);
        known.set(key, answer as Float32Array);
      }
      return keys.map((key) => known.get(key) as Float32Array);
    },
  };
}

/** Estimates with `batches` batches of 8, and keeps the batches apart. */
async function measure(model: Network, ids: number[], estimator: Estimator, batches: number, seed = 1) {
  const values: number[][] = [];
  for (let batch = 0; batch < batches; batch++) {
    const draws = drawBatch(estimator, ids, model.info.maskId as number, { size: 8, batch, seed });
    values.push((await measureBatch(model, ids, draws)).map(({ value }) => value));
  }
  return summarise(values);
}

/** Mean cross-entropy of k masked tokens, k = 0 … L, over all sets of k slots. */
async function meanLosses(model: Network, ids: number[]): Promise<number[]> {
  const sums = ids.map(() => 0).concat(0);
  const counts = ids.map(() => 0).concat(0);
  for (let set = 0; set < 2 ** ids.length; set++) {
    const masked = Int32Array.from(ids.keys()).filter((slot) => (set >> slot) & 1);
    const canvas = Int32Array.from(ids, (id, slot) => ((set >> slot) & 1 ? (model.info.maskId as number) : id));
    const draw: Draw = { ids: canvas, masked, rate: 0, weight: 1 };
    const [sample] = await measureBatch(model, ids, [draw]);
    sums[masked.length] = (sums[masked.length] as number) + (sample?.crossEntropy ?? 0);
    counts[masked.length] = (counts[masked.length] as number) + 1;
  }
  return sums.map((sum, k) => sum / (counts[k] as number));
}

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);

/** ∫ (1/m) E[CE at rate m] dm between two rates: a polynomial, by Simpson's rule. */
function exactBetween(losses: readonly number[], from: number, to: number): number {
  const length = losses.length - 1;
  const integrand = (m: number) =>
    losses.reduce(
      (sum, loss, k) => (k === 0 ? sum : sum + choose(length, k) * m ** (k - 1) * (1 - m) ** (length - k) * loss),
      0,
    );
  const pieces = 400;
  const h = (to - from) / pieces;
  let sum = 0;
  for (let i = 0; i <= pieces; i++) {
    sum += (i === 0 || i === pieces ? 1 : i % 2 === 1 ? 4 : 2) * integrand(from + i * h);
  }
  return (sum * h) / 3;
}

/** The exact NELBO: the mean over orders of writing, Σ_k (1/k) mean CE of k masks. */
const exact = (losses: readonly number[]) => losses.reduce((sum, loss, k) => (k === 0 ? sum : sum + loss / k), 0);

const LENGTH = 5;
const MASK = 3;
const text = [0, 2, 1, 1, 0];

/** Three words and a mask; the conditionals of one joint distribution over all texts of five. */
const joint = (() => {
  const weights = Array.from({ length: 3 ** LENGTH }, (_, n) => 1 + 9 * Math.abs(Math.sin(n * 12.9898)) ** 3);
  const total = weights.reduce((a, b) => a + b, 0);
  const digits = (n: number) => Array.from({ length: LENGTH }, (_, slot) => Math.floor(n / 3 ** slot) % 3);
  const chance = (fits: (words: number[]) => boolean) =>
    weights.reduce((sum, weight, n) => (fits(digits(n)) ? sum + weight / total : sum), 0);
  const table = tableNetwork(4, MASK, (ids, slot) =>
    Array.from({ length: 4 }, (_, id) =>
      id === MASK
        ? 2
        : Math.log(
            chance((words) =>
              words.every((word, at) => (at === slot ? word === id : ids[at] === MASK || word === ids[at])),
            ),
          ),
    ),
  );
  return {
    model: remembering(table),
    logProb: (ids: number[]) => Math.log(chance((words) => words.join() === ids.join())),
  };
})();

const uniform = remembering(tableNetwork(7, 6, () => [0, 0, 0, 0, 0, 0, 3]));
const perfect = remembering(
  tableNetwork(7, 6, (_, slot) => Array.from({ length: 7 }, (__, id) => (id === slot ? 200 : 0))),
);

describe('a sample of the NELBO', () => {
  const counts: Estimator[] = TIMES.map((times) => ({ kind: 'count', times }));

  test('is exactly L ln V for a uniform predictor, whatever the count', async () => {
    for (const estimator of counts) {
      const draws = [0, 1, 2].flatMap((batch) => drawBatch(estimator, [0, 1, 2, 3], 6, { size: 8, batch, seed: 3 }));
      // Six words can occur: the mask cannot, however likely the network finds it.
      for (const { value } of await measureBatch(uniform, [0, 1, 2, 3], draws))
        expect(value).toBeCloseTo(4 * Math.log(6), 5);
    }
  });

  test('is 0 for a perfect predictor', async () => {
    for (const estimator of [...counts, ...SCHEDULE_CHOICES.map((name) => bySchedule(name))]) {
      const draws = drawBatch(estimator, [0, 1, 2, 3], 6, { size: 8, batch: 0, seed: 3 });
      for (const { value } of await measureBatch(perfect, [0, 1, 2, 3], draws)) expect(value).toBe(0);
    }
  });

  test('weighs by p′/p at its own mask rate', () => {
    for (const name of SCHEDULE_CHOICES.filter((choice) => choice !== 'clipped')) {
      const schedule = scheduleOf({ schedule: name, curve: DEFAULT_CURVE });
      for (const { rate, weight, masked, ids } of drawBatch(bySchedule(name), text, MASK, {
        size: 64,
        batch: 2,
        seed: 9,
      })) {
        expect(rate).toBeGreaterThan(0);
        expect(weight).toBeGreaterThanOrEqual(0);
        expect(Array.from(ids).filter((id) => id === MASK)).toHaveLength(masked.length);
      }
      const [low, high] = visitedRates(schedule);
      expect(low).toBeLessThan(high);
    }
    for (const { rate, weight, masked } of drawBatch(counts[1] as Estimator, text, MASK, {
      size: 5,
      batch: 0,
      seed: 9,
    })) {
      expect(rate).toBe(masked.length / LENGTH);
      expect(weight * rate).toBeCloseTo(1, 12);
    }
  });

  test('even counts go once through 1 … L', () => {
    const draws = drawBatch({ kind: 'count', times: 'low-discrepancy' }, text, MASK, {
      size: LENGTH,
      batch: 4,
      seed: 2,
    });
    expect(draws.map(({ masked }) => masked.length)).toEqual([1, 2, 3, 4, 5]);
  });

  test('stops between two copies when it is told to', async () => {
    const stop = AbortSignal.abort('enough');
    const draws = drawBatch(bySchedule('linear'), text, MASK, { size: 2, batch: 0, seed: 1 });
    await expect(measureBatch(uniform, text, draws, stop)).rejects.toBe('enough');
  });
});

describe('the NELBO', () => {
  test('of the conditionals of a joint distribution is −log p(text): every order of writing gives the same', async () => {
    expect(exact(await meanLosses(joint.model, text))).toBeCloseTo(-joint.logProb(text), 5);
  });

  const models = [
    ['a joint distribution', joint.model, text],
    ['a network that contradicts itself', remembering(hashNetwork(5)), [1, 7, 0, 3]],
  ] as const;

  describe.each(models)('of %s', (_, model, words) => {
    const ids = [...words];
    test.each(SCHEDULE_CHOICES)('measured with %s is that of the mask rates it visits', async (name) => {
      const losses = await meanLosses(model, ids);
      const schedule = scheduleOf({ schedule: name, curve: DEFAULT_CURVE });
      const [low, high] = visitedRates(schedule);
      // BD3's clipped rates stand in for the whole interval: their mean, not their share, is the estimate.
      const width = name === 'clipped' ? high - low : 1;
      const expected = exactBetween(losses, low, high) / width;
      for (const times of TIMES) {
        const { mean, standardError } = await measure(model, ids, bySchedule(name, times), 150);
        expect(Math.abs(mean - expected)).toBeLessThan(4 * standardError);
      }
    });

    test('with exact counts is unbiased, and scatters less than with any schedule', async () => {
      const whole = exact(await meanLosses(model, ids));
      expect(exactBetween(await meanLosses(model, ids), 0, 1)).toBeCloseTo(whole, 5);
      const count = await measure(model, ids, { kind: 'count', times: 'independent' }, 150);
      expect(Math.abs(count.mean - whole)).toBeLessThan(4 * count.standardError);
      for (const name of ['linear', 'cosine', 'square', 'square-root', 'log'] as const) {
        expect(count.variance).toBeLessThan((await measure(model, ids, bySchedule(name), 150)).variance);
      }
    });

    test('scatters less with low-discrepancy times, and differently from schedule to schedule', async () => {
      const variances = new Map<string, number>();
      // Where p grows like t², few samples weigh much; square-root is the other extreme.
      for (const name of ['cosine-mdlm', 'square', 'square-root'] as const) {
        const [independent, spread] = await Promise.all(
          TIMES.map((times) => measure(model, ids, bySchedule(name, times), 2000, 11)),
        );
        if (independent === undefined || spread === undefined) throw new Error('two kinds of times');
        expect(Math.abs((8 * independent.batchVariance) / independent.variance - 1)).toBeLessThan(0.2);
        if (name !== 'square-root') expect(spread.batchVariance).toBeLessThan(independent.batchVariance);
        variances.set(name, independent.variance);
      }
      expect(variances.get('square-root')).toBeGreaterThan(2 * (variances.get('square') as number));
    });
  });
});

describe('of a text in blocks', () => {
  const asked: Sequence[] = [];
  /** What stands behind a block is not read: as if it were masked. */
  const model: Network = {
    ...joint.model,
    score(batch, targets, options) {
      asked.push(...batch);
      const whole = batch.map((sequence) => {
        const ids = new Int32Array(LENGTH).fill(MASK);
        ids.set(sequence.ids);
        return { ids, asked: sequence.asked };
      });
      return joint.model.score(whole, targets, options);
    },
  };
  const counted: Estimator = { kind: 'count', times: 'low-discrepancy' };
  const values = async (estimator: Estimator, block: number, batches: number) => {
    const found: number[][] = [];
    const how = { batches, size: 8, seed: 4, block };
    for await (const { samples } of measureInTurns(model, text, [estimator], how)) {
      found.push(samples.map(({ value }) => value));
    }
    return summarise(found);
  };

  test('of one token each, every sample is −log p(text)', async () => {
    const { mean, variance } = await values(counted, 1, 2);
    expect(mean).toBeCloseTo(-joint.logProb(text), 5);
    expect(variance).toBeLessThan(1e-9);
  });

  test.each([2, 3, 5])(
    'of %i tokens, the mean is the same, as every order of writing gives the same',
    async (block) => {
      for (const estimator of [counted, bySchedule('square', 'low-discrepancy')]) {
        const { mean, standardError } = await values(estimator, block, 200);
        // Times from 0.001 leave the rates below 1e-6 out.
        expect(Math.abs(mean + joint.logProb(text))).toBeLessThan(4 * standardError + 1e-3);
      }
    },
  );

  test('each block is asked behind the clean text before it, whose keys may be kept', async () => {
    asked.length = 0;
    await values(counted, 2, 3);
    expect(asked.length).toBeGreaterThan(3);
    for (const { ids, asked: slots, ...how } of asked) {
      const from = ids.length === LENGTH ? 4 : ids.length - 2;
      expect([...ids.subarray(0, from)]).toEqual(text.slice(0, from));
      expect(slots.length > 0 && slots.every((slot) => slot >= from)).toBe(true);
      const kept = from > 0 ? { cache: { kind: 'exact', prefix: from } } : {};
      expect(how).toEqual({ sees: { blocks: 2, offset: 0 }, ...kept });
    }
  });

  test('what was asked of a small block is not asked again: a single token has one copy, whatever measures it', async () => {
    asked.length = 0;
    const how = { batches: 2, size: 8, seed: 4, block: 1 };
    const estimators = [counted, bySchedule('square', 'low-discrepancy')];
    for await (const { samples } of measureInTurns(model, text, estimators, how)) expect(samples).toHaveLength(8);
    expect(asked.map(({ ids }) => ids.length).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: LENGTH }, (_, i) => i + 1),
    );
  });
});

test('to the letter [MASK] stays in the softmax, which raises the value', async () => {
  const draws = drawBatch({ kind: 'count', times: 'independent' }, [0, 1, 2, 3], 6, { size: 4, batch: 0, seed: 3 });
  const [without, letter] = await Promise.all(
    [false, true].map((keepMask) => measureBatch(uniform, [0, 1, 2, 3], draws, undefined, { keepMask })),
  );
  for (const { value } of without ?? []) expect(value).toBeCloseTo(4 * Math.log(6), 5);
  for (const { value } of letter ?? []) expect(value).toBeCloseTo(4 * Math.log(6 + Math.exp(3)), 5);
});

test('a summary needs two batches to know its error', () => {
  expect(summarise([])).toMatchObject({ samples: 0, mean: Number.NaN });
  expect(summarise([[1, 3]])).toMatchObject({ samples: 2, mean: 2, standardError: Number.NaN, variance: 2 });
  expect(
    summarise([
      [1, 3],
      [3, 5],
    ]),
  ).toEqual({ samples: 4, mean: 3, standardError: 1, variance: 8 / 3, batchVariance: 2 });
  fc.assert(
    fc.property(fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 2, maxLength: 9 }), (values) => {
      const { variance, batchVariance } = summarise(values.map((value) => [value]));
      expect(variance).toBeCloseTo(batchVariance, 9);
    }),
  );
});
