/** Against dLLM's BD3LMTrainer and the paper's own code, with their draws in place of ours. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { scheduleOf } from '../../diffusion/drawn-schedule.ts';
import type { Schedule } from '../../diffusion/schedule.ts';
import { stratified } from '../../diffusion/times.ts';
import { visibleRuns } from '../../model/sees.ts';
import { defaultTrainSettings, type TrainSettings } from '../train-settings.ts';
import { type BlockDraws, bd3lm, blockQuestion } from './bd3lm.ts';
import type { Question, Rows } from './objective.ts';

const how = (changes: Partial<TrainSettings> = {}) => ({ ...defaultTrainSettings(), ...changes });
const linear = scheduleOf({ schedule: 'linear', curve: '' });
const about = { maskId: 8, vocabSize: 9, schedule: linear };

function texts(ids: readonly (readonly number[])[], maskable?: readonly (readonly number[])[]): Rows {
  const flat = ids.flat();
  return {
    ids: Int32Array.from(flat),
    maskable: Uint8Array.from(maskable?.flat() ?? flat.map(() => 1)),
    length: ids[0]!.length,
  };
}

describe('what the network reads', () => {
  // dLLM's first case of two rows of four tokens, drawn by hand: time .5, the draws below it are masked.
  const rows = texts([
    [2, 6, 3, 4],
    [1, 5, 7, 0],
  ]);
  const draws: BlockDraws = {
    maskId: 8,
    schedule: linear,
    times: [0.5, 0.25, 1, 0.5],
    chance: (slot) => [0.4, 0.6, 0.2, 0.3, 0.9, 0.99, 0.6, 0.4][slot]!,
  };
  const asked = blockQuestion(rows, how({ block: 2 }), draws);

  test('each text with its masks, then clean, at the same positions', () => {
    expect([...asked.inputs]).toEqual([8, 6, 8, 4, 2, 6, 3, 4, 8, 8, 7, 8, 1, 5, 7, 0]);
    expect(asked.length).toBe(8);
    expect([...asked.positions!]).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    expect(asked.sees).toEqual({ noisyAndClean: 2 });
  });

  test('masks of the first half are scored, each weighing 1 / time of its block', () => {
    expect([...asked.scored]).toEqual([0, 2, 8, 9, 11]);
    expect([...asked.targets]).toEqual([2, 3, 1, 5, 0]);
    // 8 tokens; the interval of times is 0.999 long.
    const weights = [2, 4, 1, 1, 2].map((weight) => (0.999 * weight) / 8);
    for (const [n, weight] of asked.weights.entries()) expect(weight).toBeCloseTo(weights[n]!, 6);
  });

  test('a single block has no clean text beside it', () => {
    const one = blockQuestion(rows, how({ block: 4 }), { ...draws, times: [0.5, 0.5] });
    expect([...one.inputs]).toEqual([8, 6, 8, 8, 1, 5, 7, 8]);
    expect(one.sees).toEqual({ blocks: 4 });
  });

  test('one time for all blocks of a text, where asked', () => {
    const shared = blockQuestion(rows, how({ block: 2, blockTimes: 'shared' }), { ...draws, times: [0.25, 0.5] });
    expect([...shared.inputs.subarray(0, 4)]).toEqual([2, 6, 8, 4]);
    expect([...shared.inputs.subarray(8, 12)]).toEqual([1, 5, 7, 8]);
  });
});

test('its loss is a bound for whole times, and for single tokens that are always masked', () => {
  expect(bd3lm(how()).bound).toBe(true);
  expect(bd3lm(how({ firstTime: 0.3, lastTime: 0.8 })).bound).toBe(false);
  expect(bd3lm(how({ block: 1, firstTime: 1 })).bound).toBe(true);
  expect(bd3lm(how({ weighting: 'uniform' })).bound).toBe(false);
  expect(bd3lm(how({ normalisation: 'batch' })).bound).toBe(false);
});

test('blocks of one token at time 1 ask for every token, each weighing alike: autoregression', () => {
  const rows = texts([[1, 2, 3, 4, 5]]);
  const { scored, weights } = bd3lm(how({ block: 1, firstTime: 1 })).ask(rows, { seed: 3, step: 0 }, about);
  expect([...scored]).toEqual([0, 1, 2, 3, 4]);
  expect([...weights]).toEqual([0.2, 0.2, 0.2, 0.2, 0.2].map(Math.fround));
});

test('a uniform guess costs ln V per token, with every interval of times that does not reach above a half', () => {
  const rows = texts(Array.from({ length: 16 }, () => Array.from({ length: 64 }, (_, i) => i % 8)));
  const bound = (changes: Partial<TrainSettings>) => {
    const objective = bd3lm(how({ block: 8, ...changes }));
    const sums = Array.from({ length: 30 }, (_, step) =>
      objective.ask(rows, { seed: 5, step }, about).weights.reduce((sum, weight) => sum + weight, 0),
    );
    return sums.reduce((sum, each) => sum + each, 0) / sums.length;
  };
  // The whole interval scatters most: weights of 1/t.
  expect(Math.abs(bound({}) - 1)).toBeLessThan(0.04);
  expect(Math.abs(bound({ firstTime: 0.3, lastTime: 0.8 }) - 1)).toBeLessThan(0.02);
  expect(Math.abs(bound({ schedule: 'cosine', blockTimes: 'shared' }) - 1)).toBeLessThan(0.06);
});

test('blocks whose share of masks lies outside are drawn again; those that cannot are left', () => {
  const rows = texts(
    [Array.from({ length: 32 }, (_, i) => i % 8)],
    [Array.from({ length: 32 }, (_, i) => Number(i >= 8))],
  );
  const { scored } = bd3lm(how({ block: 8, firstTime: 0.3, lastTime: 0.5, redraw: true })).ask(
    rows,
    { seed: 1, step: 0 },
    about,
  );
  for (const block of [1, 2, 3]) {
    const masked = scored.filter((slot) => Math.floor(slot / 8) === block).length;
    expect(masked).toBeGreaterThanOrEqual(3);
    expect(masked).toBeLessThanOrEqual(4);
  }
  expect(scored.some((slot) => slot < 8)).toBe(false);
});

const shared = new URL('../../../../shared/golden/', import.meta.url);
const golden = (name: string) => JSON.parse(readFileSync(new URL(`${name}.json`, shared), 'utf8'));

/** Σ weight · −log softmax(logits)[target]; `logits` are `[length, V]` of one text, of its first half. */
function lossOf({ scored, targets, weights, length }: Question, logits: readonly number[][][], without?: number) {
  const terms = Array.from(scored, (slot, n) => {
    const row = logits[Math.floor(slot / length)]![slot % length]!;
    const sum = row.reduce((total, logit, id) => total + (id === without ? 0 : Math.exp(logit)), 0);
    return weights[n]! * (Math.log(sum) - row[targets[n]!]!);
  });
  return terms.reduce((total, each) => total + each, 0);
}

describe.skipIf(!existsSync(shared))('golden numbers', () => {
  test('masks and positions of dLLM', () => {
    for (const { L, block, mask } of golden('bd3lm_masks').masks) {
      const rows = Array.from({ length: 2 * L }, (_, query) => {
        const row = Array(2 * L).fill(0);
        for (const [from, to] of visibleRuns({ noisyAndClean: block }, query, 2 * L)) row.fill(1, from, to);
        return row.join('');
      });
      expect(rows).toEqual(mask);
    }
  });

  test('losses of dLLM under two weights and three normalisations', () => {
    let logits: number[][][] = [];
    let compared = 0;
    for (const each of golden('bd3lm_loss').cases) {
      if (typeof each.logits !== 'string') logits = each.logits;
      const rows = texts(each.ids, each.maskable);
      for (const [name, loss] of Object.entries<number>(each.loss)) {
        const [weight, normalisation] = name.split('/') as [string, TrainSettings['normalisation']];
        const weighting = weight === 'scheduler' ? 'schedule' : 'uniform';
        const asked = blockQuestion(rows, how({ block: each.block, blockTimes: 'shared', weighting, normalisation }), {
          maskId: 8,
          schedule: scheduleOf({ schedule: each.schedule, curve: '' }),
          times: each.t,
          chance: (slot) => each.mask_draws.flat()[slot],
        });
        if (asked.length > rows.length) expect([...asked.inputs]).toEqual(each.inputs.flat());
        // dLLM takes the interval of times as 1 long, and adds 1e-6 to what it divides by.
        const factor = weighting === 'schedule' ? 0.999 : 1;
        expect(Math.abs(lossOf(asked, logits) / factor / loss - 1) || 0).toBeLessThan(2e-5);
        compared++;
      }
    }
    expect(compared).toBe(96);
  });

  test('times of the paper', () => {
    for (const { draws, low, high, stratified: strata, block, t } of golden('bd3lm_paper').times) {
      const flat: number[] = draws.flat();
      const places = strata ? stratified(flat) : Float64Array.from(flat);
      const wanted = t.flatMap((row: number[]) => row.filter((_, i) => i % block === 0));
      expect(wanted).toHaveLength(flat.length);
      for (const [i, place] of places.entries()) expect(low + (high - low) * place).toBeCloseTo(wanted[i], 5);
    }
  });

  test('losses of the paper, with clipped times and blocks that are drawn again', () => {
    const half = Math.PI / 2;
    // bd3lms adds ε to p, and once more to what the weight is divided by.
    const cosine = (t: number) => 1e-3 + (1 - 1e-3) * (1 - Math.cos(half * t));
    const schedules: Readonly<Record<string, Schedule>> = {
      loglinear: linear,
      square: scheduleOf({ schedule: 'square', curve: '' }),
      log: scheduleOf({ schedule: 'log', curve: '' }),
      cosine: {
        ...linear,
        maskRate: cosine,
        weight: (t) => ((1 - 1e-3) * half * Math.sin(half * t)) / (cosine(t) + 1e-3),
      },
    };
    for (const { block, low, high, noise, keep_first, ...each } of golden('bd3lm_paper').cases) {
      const rows = texts(each.x0);
      const { length } = rows;
      if (keep_first) for (let i = 0; i < rows.ids.length; i += length) rows.maskable[i] = 0;
      const times = stratified(each.time_draws.flat()).map((place) => low + (high - low) * place);
      const asked = blockQuestion(rows, how({ block, firstTime: low, lastTime: high, redraw: true }), {
        maskId: 8,
        schedule: schedules[noise]!,
        times,
        chance: (slot, turn) => each.mask_draws[turn].flat()[slot],
      });
      if (block < length) expect([...asked.inputs]).toEqual(each.inputs.flat());
      // The paper takes the interval of times as 1 long, and divides by tokens that are never masked, too.
      const tokens = rows.maskable.reduce((sum, one) => sum + one, 0);
      const factor = (low === 0.001 && high === 1 ? 0.999 : 1) * (rows.ids.length / tokens);
      expect(Math.abs(lossOf(asked, each.logits, 8) / factor / each.loss - 1)).toBeLessThan(2e-5);
      const places = Array.from(
        asked.scored,
        (slot) => Math.floor(slot / asked.length) * length + (slot % asked.length),
      );
      const scored = each.token_losses.flat().flatMap((loss: number, slot: number) => (loss > 0 ? [slot] : []));
      expect(places).toEqual(scored);
    }
  });
});
