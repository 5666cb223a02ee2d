import { describe, expect, test } from 'vitest';
import { fillCanvas } from '../canvas.ts';
import { generate } from '../generate.ts';
import { writtenSlotsIn } from '../ops.ts';
import { canvasAt } from '../replay.ts';
import { scheduleByName } from '../schedule.ts';
import { defaultSettings, type Settings } from '../settings.ts';
import { hashNetwork, MASK } from '../testing/arbitrary.ts';
import { situation } from '../testing/situation.ts';
import type { Step } from '../trace.ts';
import { ancestralSampler } from './ancestral.ts';
import { hittingTime } from './first-hitting.ts';
import { originChance } from './origin.ts';

const settingsWith = (changes: Partial<Settings>): Settings => ({
  ...defaultSettings(),
  mode: 'fill',
  block: 0,
  ...changes,
});

async function run(net: ReturnType<typeof hashNetwork>, slots: number, settings: Settings): Promise<Step[]> {
  const steps: Step[] = [];
  const canvas = fillCanvas(Array<number>(slots).fill(MASK), MASK);
  for await (const step of generate(net, canvas, settings)) steps.push(step);
  return steps;
}

describe('ancestral', () => {
  // From t = 1 to s = .75: linear .25; dLLM's cosine 1 − sin(3π/8) = .0761.
  test.each([
    ['linear', 0.25],
    ['cosine', 0.0761],
  ] as const)('writes each mask at the first of four steps with the chance of %s, %d', (name, chance) => {
    let written = 0;
    for (let seed = 0; seed < 400; seed++) {
      const where = situation(50, { schedule: scheduleByName(name), steps: 4, settings: { seed } });
      // Only the slots matter here, so a prediction with no more than them will do.
      const slots = Int32Array.from(where.candidates);
      const prediction = { slots, ids: new Int32Array(50), logProbs: new Float32Array(50) };
      written += ancestralSampler.choose(where, prediction as never).reveal.length;
    }
    expect(written / 20_000).toBeCloseTo(chance, 2);
  });

  test('makes no pass while nothing is written, and no step of it', async () => {
    const net = hashNetwork(3);
    const steps = await run(net, 8, settingsWith({ sampler: 'ancestral', steps: 1000 }));
    expect(net.requests.length).toBe(steps.length);
    expect(steps.length).toBeLessThanOrEqual(8);
    expect(steps.map(({ index }) => index)).toEqual(steps.map((_, i) => i));
    expect(steps.every((step) => writtenSlotsIn(step).length > 0)).toBe(true);
    expect(steps.at(-1)!.next.grid).toBeLessThanOrEqual(1000);
  });

  test('writes all that is left at the last step', async () => {
    const steps = await run(hashNetwork(3), 20, settingsWith({ sampler: 'ancestral', steps: 1 }));
    expect(steps.map((step) => writtenSlotsIn(step).length)).toEqual([20]);
  });
});

test('origin goes from 1 down to a thousandth in equal steps', () => {
  // t = 1, .75025, .5005, .25075, .001: 1 − s/t.
  [0.24975, 1 - 0.5005 / 0.75025, 1 - 0.25075 / 0.5005].forEach((chance, grid) => {
    expect(originChance(grid, 4)).toBeCloseTo(chance, 12);
  });
  // Dream writes the rest at the last step, though s is not 0 there.
  expect(originChance(3, 4)).toBe(1);
});

describe('first-hitting', () => {
  test('draws the time at which the first of n masks is revealed', () => {
    // Linear: t u^(1/n). Cosine: sin(πt'/2) = sin(πt/2) u^(1/n).
    expect(hittingTime(scheduleByName('linear'), 0.8, 3, 0.125)).toBeCloseTo(0.4, 12);
    expect(hittingTime(scheduleByName('cosine'), 1, 1, Math.SQRT1_2)).toBeCloseTo(0.5, 12);
    expect(hittingTime(scheduleByName('square'), 0.6, 2, 0.25)).toBeCloseTo(Math.sqrt(0.18), 12);
  });

  test('takes one pass per token, and its clock falls from 1 towards 0', async () => {
    const net = hashNetwork(3);
    const steps = await run(net, 30, settingsWith({ sampler: 'first-hitting', schedule: 'cosine' }));
    expect(steps.map((step) => writtenSlotsIn(step).length)).toEqual(Array(30).fill(1));
    const times = steps.map(({ next }) => next.time!);
    times.forEach((time, i) => {
      expect(time).toBeLessThan(times[i - 1] ?? 1);
      expect(time).toBeGreaterThan(0);
    });
  });

  test('its times are those of the schedule: half of the text is there when half of it is due', async () => {
    let late = 0;
    for (let seed = 0; seed < 100; seed++) {
      const steps = await run(hashNetwork(3), 20, settingsWith({ sampler: 'first-hitting', seed }));
      // Linear: at time .5 the number written is binomial with mean 10.
      late += steps.filter(({ next }) => next.time! >= 0.5).length;
    }
    expect(Math.abs(late / 100 - 10)).toBeLessThan(1);
  });
});

test('the clock of time is set back when slots are masked again after the end', async () => {
  const settings = settingsWith({ sampler: 'ancestral', steps: 64 });
  const steps = await run(hashNetwork(3), 32, settings);
  const start = fillCanvas(Array<number>(32).fill(MASK), MASK);
  const canvas = canvasAt({ start, steps, edits: [], maskId: MASK }, steps.length);
  for (let slot = 0; slot < 16; slot++) {
    canvas.ids[slot] = MASK;
    canvas.states[slot] = 3;
  }
  const rest: Step[] = [];
  const options = { cursor: { ...steps.at(-1)!.next, grid: 64 } };
  for await (const step of generate(hashNetwork(3), canvas, settings, options)) rest.push(step);
  // Half is masked, so the clock starts at about half of the way, and the masks are not all written at once.
  expect(rest[0]!.next.grid).toBeGreaterThan(32);
  expect(rest.length).toBeGreaterThan(4);
  expect(rest.flatMap(writtenSlotsIn).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
});
