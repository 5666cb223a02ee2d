import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillCanvas, openSlots } from './canvas.ts';
import { generate } from './generate.ts';
import { maskedIn } from './ops.ts';
import { gridRates } from './plan.ts';
import { evenly, revealChance, sigmaMax } from './remdm.ts';
import { applyStep } from './replay.ts';
import { loopRates } from './samplers/remdm-loop.ts';
import { scheduleByName } from './schedule.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { hashNetwork, MASK } from './testing/arbitrary.ts';

const linear = scheduleByName('linear');

describe('chances', () => {
  test('of the worked example: t = .5, s = .4, linear', () => {
    const rates = gridRates(linear, 5, 10);
    expect(rates.now).toBeCloseTo(0.5, 12);
    expect(rates.next).toBeCloseTo(0.4, 12);
    expect(sigmaMax(rates)).toBeCloseTo(0.8, 12);
    expect(evenly(rates, 0.008).reveal).toBeCloseTo(0.208, 12);
    // Without remasking it is plain MDLM.
    expect(revealChance(rates, 0)).toBeCloseTo(0.2, 12);
  });

  test('keep the share of masks on the schedule for every σ up to the bound, and are chances', () => {
    const rate = fc.double({ min: 1e-6, max: 1, noNaN: true });
    fc.assert(
      fc.property(rate, rate, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, share) => {
        const rates = { now: Math.max(a, b), next: Math.min(a, b) };
        const sigma = share * sigmaMax(rates);
        const chance = revealChance(rates, sigma);
        expect(rates.now * (1 - chance) + (1 - rates.now) * sigma).toBeCloseTo(rates.next, 9);
        expect(chance).toBeGreaterThanOrEqual(-1e-9);
        expect(chance).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  test('of the last step write everything and mask nothing', () => {
    for (const name of ['linear', 'clipped', 'geometric'] as const) {
      const rates = gridRates(scheduleByName(name), 7, 8);
      expect(rates.next).toBe(0);
      expect(revealChance(rates, 0)).toBe(1);
      expect(sigmaMax(rates)).toBe(0);
    }
  });
});

test('the loop rises to α_on, stands still, and finishes', () => {
  const phases = { tOn: 0.5, tOff: 0.25, alphaOn: 0.8 };
  const rates = Array.from({ length: 8 }, (_, grid) => loopRates(linear, phases, grid, 8));
  // α = α_on (1 − t) / (1 − t_on), then α_on, then 1 − t (1 − α_on) / t_off.
  [1, 0.8, 0.6, 0.4, 0.2, 0.2, 0.2, 0.1].forEach((rate, grid) => {
    expect(rates[grid]!.now).toBeCloseTo(rate, 12);
    expect(rates[grid]!.next).toBeCloseTo(rates[grid + 1]?.now ?? 0, 12);
  });
});

describe('the share of masks in runs', () => {
  const steps = 12;
  const slots = 50;
  const runs = 60;

  /** Mean share still masked after each grid point, over runs with different seeds; and what was masked again. */
  async function shares(changes: Partial<Settings>): Promise<{ shares: number[]; remasked: number }> {
    const sums = Array<number>(steps).fill(0);
    let remasked = 0;
    for (let seed = 0; seed < runs; seed++) {
      const settings = { ...defaultSettings(), mode: 'fill', steps, block: 0, ...changes, seed } as const;
      const start = fillCanvas(Array<number>(slots).fill(MASK), MASK);
      let canvas = start;
      const after = Array<number>(steps).fill(Number.NaN);
      for await (const step of generate(hashNetwork(1), start, settings)) {
        canvas = applyStep(canvas, step, MASK);
        after[step.next.grid - 1] = openSlots(canvas).length / slots;
        remasked += maskedIn(step).length;
      }
      // A grid point without a step left everything as it was.
      after.forEach((share, grid) => {
        if (Number.isNaN(share)) after[grid] = after[grid - 1] ?? 1;
        sums[grid]! += after[grid]!;
      });
    }
    return { shares: sums.map((sum) => sum / runs), remasked };
  }

  test.each([
    ['remdm-cap', { eta: 0.2 }],
    ['remdm-rescale', { eta: 0.4 }],
    ['remdm-cap', { eta: 0.2, schedule: 'cosine' }],
    ['remdm-rescale', { eta: 1, schedule: 'clipped' }],
  ] as const)('%s with %j is the schedule, however much is masked again', async (sampler, changes) => {
    const found = await shares({ sampler, ...changes });
    expect(found.remasked / runs).toBeGreaterThan(slots / 4);
    const schedule = scheduleByName('schedule' in changes ? changes.schedule : 'linear');
    found.shares.forEach((share, grid) => {
      // Five standard errors of a share of 3000 coins.
      expect(Math.abs(share - gridRates(schedule, grid, steps).next)).toBeLessThan(0.046);
    });
  });

  test('remdm-loop is that of its phases', async () => {
    const phases = { tOn: 0.6, tOff: 0.2, alphaOn: 0.8 };
    const found = await shares({ sampler: 'remdm-loop', eta: 0.1, ...phases });
    expect(found.remasked).toBeGreaterThan(runs);
    found.shares.forEach((share, grid) => {
      expect(Math.abs(share - loopRates(linear, phases, grid, steps).next)).toBeLessThan(0.046);
    });
  });
});

test.each(['remdm-cap', 'remdm-rescale', 'remdm-conf'] as const)(
  '%s: a finished run of one step per block ends again after words were masked',
  async (sampler) => {
    const settings: Settings = { ...defaultSettings(), mode: 'fill', sampler, steps: 1, block: 0, eta: 0.6, seed: 21 };
    const canvas = fillCanvas([1, MASK, 2, MASK, 3, MASK, MASK], MASK);
    for (const again of [1, 3]) {
      let written = fillCanvas([1, MASK, 2, MASK, 3, MASK, MASK], MASK);
      for await (const step of generate(hashNetwork(7), canvas, settings)) written = applyStep(written, step, MASK);
      for (const slot of [5, 6].slice(0, again)) {
        written.ids[slot] = MASK;
        written.states[slot] = 3;
      }
      let steps = 0;
      for await (const step of generate(hashNetwork(7), written, settings, {
        cursor: { step: 1, block: 0, grid: 1 },
      })) {
        written = applyStep(written, step, MASK);
        expect(++steps).toBeLessThan(10);
      }
      expect(openSlots(written)).toEqual([]);
    }
  },
);
