import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { scheduleByName } from './schedule.ts';
import {
  centred,
  commonByRank,
  fixedTokenTimes,
  lineIndices,
  spindleMaskRate,
  spindleSlope,
  tokenTimes,
  wordFrequencies,
} from './token-times.ts';

describe('the spindle', () => {
  // Counts 0, 3 and 15 have logarithms of 1, 4 and 16: frequencies 0, 1/2 and 1.
  const frequencies = wordFrequencies([0, 3, 15, 9], [3]);

  test('common tokens are masked later than rare ones, and all alike at both ends', () => {
    expect([...frequencies]).toEqual([0, 0.5, 1, 0]);
    const text = centred([0, 1, 2], frequencies);
    expect([...text]).toEqual([-0.5, 0, 0.5]);
    const rates = (t: number) => Array.from(text, (each) => spindleMaskRate(t, each));
    // 1 − t = ½ bent by 0.3 · ½.
    expect(rates(0.5).map((rate) => Number(rate.toFixed(6)))).toEqual([0.65, 0.5, 0.35]);
    for (const rate of rates(1)) expect(rate).toBeCloseTo(1, 12);
    for (const rate of rates(0)) expect(rate).toBeCloseTo(0.001, 12);
  });

  test('its slope is that of the rate', () => {
    for (const frequency of [-0.5, 0, 0.5]) {
      for (const t of [0.1, 0.5, 0.9]) {
        const [low, high] = [spindleMaskRate(t - 1e-5, frequency), spindleMaskRate(t + 1e-5, frequency)];
        expect(spindleSlope(t, frequency)).toBeCloseTo((high - low) / 2e-5, 5);
      }
    }
    expect(spindleSlope(0, 0)).toBe(0);
  });
});

test('without counts the first ids are common, and none is less common than the 32,768th', () => {
  expect([0, 255].map(commonByRank)).toEqual([1, 1]);
  // Half-way in the logarithm from 256 to 32,768.
  expect(commonByRank(Math.round(Math.sqrt(256 * 32768)) - 1)).toBeCloseTo(0.5, 4);
  expect([32767, 150_000].map(commonByRank)).toEqual([0, 0]);
});

describe('times by position', () => {
  test('rise to the right, from nothing written to everything', () => {
    const line = { tokens: 5, steps: 20 };
    expect([...tokenTimes(4, line)]).toEqual([0, 2, 4, 6, 8]);
    for (let index = 0; index < 25; index++) {
      const times = tokenTimes(index, line);
      for (let i = 1; i < 5; i++) expect(times[i]!).toBeGreaterThanOrEqual(times[i - 1]!);
    }
    expect([...tokenTimes(24, line)]).toEqual([19, 19, 19, 19, 19]);
    expect([...tokenTimes(0, line)]).toEqual([0, 0, 0, 0, 0]);
  });

  test('points of generation go down to 0', () => {
    expect(lineIndices({ tokens: 5, steps: 20 }, 5)).toEqual([24, 19, 14, 9, 4, 0]);
    expect(lineIndices({ tokens: 2, steps: 2 })).toEqual([3, 2, 1, 0]);
  });
});

const shared = new URL('../../../shared/golden/position_schedules.json', import.meta.url);

describe.skipIf(!existsSync(shared))('golden numbers', () => {
  const golden = () => JSON.parse(readFileSync(shared, 'utf8'));

  test('of DiffusionBERT, in float32', () => {
    for (const each of golden().spindle) {
      const frequencies = wordFrequencies(each.counts, [each.pad_id]);
      const text = centred(each.ids, frequencies);
      frequencies.forEach((value, id) => {
        expect(value).toBeCloseTo(each.word_frequency[id], 6);
      });
      text.forEach((value, i) => {
        expect(value).toBeCloseTo(each.centred[i], 6);
      });
      each.times.forEach((time: number, n: number) => {
        each.keep_probability[n].forEach((kept: number, i: number) => {
          const rate = spindleMaskRate(time / each.steps, text[i]!, each.word_frequency_lambda);
          expect(Math.abs(1 - rate - kept)).toBeLessThan(2e-6);
        });
      });
    }
  });

  test('of the two noise schedules', () => {
    const { steps, alpha_bar } = golden().cosine_alpha_bar;
    const cosine = scheduleByName('cosine-bert');
    alpha_bar.forEach((alpha: number, n: number) => {
      expect(1 - cosine.maskRate(n / steps)).toBeCloseTo(alpha, 6);
    });
    const sqrt = scheduleByName('sqrt-ar');
    for (const { steps, at, alphas_cumprod } of golden().sqrt) {
      at.forEach((n: number, i: number) => {
        // Theirs is 1 − √(t + ε) over what it is at 0. Its last step is cut so that something is left; ours ends at all masks.
        const theirs = (1 - Math.sqrt((n + 1) / steps + 1e-4)) / (1 - Math.sqrt(1e-4));
        if (n < steps - 1) expect(theirs).toBeCloseTo(alphas_cumprod[i], 6);
        expect(Math.abs(1 - sqrt.maskRate((n + 1) / steps) - alphas_cumprod[i])).toBeLessThan(1e-4);
      });
    }
  });

  test('of AR-Diffusion', () => {
    for (const { index, times, times_fixed_xy, ...line } of golden().position) {
      index.forEach((at: number, n: number) => {
        expect([...tokenTimes(at, line)]).toEqual(times[n]);
        if (times_fixed_xy) expect([...fixedTokenTimes(at, line)]).toEqual(times_fixed_xy[n]);
      });
    }
    for (const { gen_timesteps, ddim, indices, ...line } of golden().inference) {
      expect(lineIndices(line, ddim ? gen_timesteps : undefined)).toEqual(indices);
    }
  });
});
