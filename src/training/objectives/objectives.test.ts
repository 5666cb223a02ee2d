import { describe, expect, test } from 'vitest';
import { formatCurve } from '../../diffusion/curve.ts';
import { scheduleOf } from '../../diffusion/drawn-schedule.ts';
import { SCHEDULES } from '../../diffusion/settings.ts';
import { FIRST_TIME } from '../../diffusion/times.ts';
import { defaultTrainSettings, OBJECTIVES } from '../train-settings.ts';
import { aboutOf, objectiveOf } from './index.ts';
import { type Question, type Rows, split } from './objective.ts';

const [MASK, VOCABULARY, LENGTH] = [4, 50, 64];

/** `count` texts whose token at i is 5 + i mod 45; the first and last of each are special. */
function texts(count: number, length = LENGTH): Rows {
  const ids = Int32Array.from({ length: count * length }, (_, i) => 5 + (i % 45));
  const maskable = Uint8Array.from(ids, (_, i) => (i % length === 0 || i % length === length - 1 ? 0 : 1));
  return { ids, maskable, length };
}

const about = (schedule: 'linear' | 'cosine' | 'square' = 'linear') => ({
  maskId: MASK,
  vocabSize: VOCABULARY,
  schedule: scheduleOf({ schedule, curve: '' }),
});
const objective = (changes: Partial<ReturnType<typeof defaultTrainSettings>>) =>
  objectiveOf({ ...defaultTrainSettings(), ...changes });
/** Where a scored slot stands in the texts: block diffusion reads each with its clean copy behind it. */
const textSlot = ({ length }: Question, slot: number) => Math.floor(slot / length) * LENGTH + (slot % length);
const sum = (values: Iterable<number>) => [...values].reduce((total, each) => total + each, 0);
const lossOf = ({ weights }: Question, crossEntropy: number) => sum(weights) * crossEntropy;

/** Those with tests of their own: `vrpo.test.ts`, `grpo.test.ts` (its prompt is masked, too) and `../edits.test.ts`. */
const APART: readonly string[] = ['vrpo', 'grpo', 'edits'];
describe.each(OBJECTIVES.filter((name) => !APART.includes(name)))('%s', (name) => {
  const asked = objective({ objective: name });
  const rows = texts(4);

  test('is a function of texts, seed and step', () => {
    const ask = (seed: number, step: number) => asked.ask(rows, { seed, step }, about());
    expect(ask(7, 3)).toEqual(ask(7, 3));
    if (!asked.causal) {
      expect(ask(7, 4).inputs).not.toEqual(ask(7, 3).inputs);
      expect(ask(8, 3).inputs).not.toEqual(ask(7, 3).inputs);
    }
  });

  test('asks for what stands in the text, in order, and never for special tokens', () => {
    for (let step = 0; step < 20; step++) {
      const question = asked.ask(rows, { seed: 1, step }, about());
      const { inputs, scored, targets, weights } = question;
      expect([targets.length, weights.length]).toEqual([scored.length, scored.length]);
      scored.forEach((position, n) => {
        const slot = textSlot(question, position);
        expect(targets[n]).toBe(rows.ids[slot]);
        expect(rows.maskable[slot]).toBe(1);
        if (n > 0) expect(position).toBeGreaterThan(scored[n - 1]!);
      });
      const asks = new Set(scored);
      inputs.forEach((id, i) => {
        const clean = Math.floor(i / question.length) * LENGTH + (i % LENGTH);
        if (!asks.has(i)) expect(id).toBe(rows.ids[clean]);
      });
    }
  });

  test('does not change the texts, and takes a batch with nothing to learn', () => {
    const before = rows.ids.slice();
    asked.ask(rows, { seed: 1, step: 0 }, about());
    expect(rows.ids).toEqual(before);
    const nothing = asked.ask({ ...rows, maskable: new Uint8Array(rows.ids.length) }, { seed: 1, step: 0 }, about());
    expect(nothing.scored).toHaveLength(0);
    expect(nothing.weights).toHaveLength(0);
  });

  test('a uniform guess costs ln V per token where the loss is a bound, and where it is a mean', () => {
    // Masked diffusion scatters about its mean; the others are means over what was asked.
    const scatters = name === 'mdlm' || name === 'bd3lm';
    const steps = scatters ? 40 : 1;
    const loss = (step: number) => lossOf(asked.ask(texts(8, 512), { seed: 3, step }, about()), Math.log(VOCABULARY));
    const found = sum(Array.from({ length: steps }, (_, step) => loss(step))) / steps;
    const tolerance = scatters ? 0.03 : 1e-5;
    expect(Math.abs(found / Math.log(VOCABULARY) - 1)).toBeLessThan(tolerance);
  });

  test('micro-batches add up to the whole', () => {
    const whole = asked.ask(rows, { seed: 2, step: 5 }, about());
    const parts = split(whole, 1);
    expect(parts).toHaveLength(4);
    expect(parts.flatMap(({ inputs }) => [...inputs])).toEqual([...whole.inputs]);
    expect(parts.flatMap(({ scored }, b) => Array.from(scored, (at) => at + b * whole.length))).toEqual([
      ...whole.scored,
    ]);
    expect(parts.flatMap(({ targets }) => [...targets])).toEqual([...whole.targets]);
    expect(sum(parts.map((part) => lossOf(part, 2)))).toBeCloseTo(lossOf(whole, 2), 5);
    expect(split(whole, 3).map(({ inputs }) => inputs.length / whole.length)).toEqual([3, 1]);
  });
});

describe('mdlm', () => {
  const curve = formatCurve([{ t: 0.3, p: 0.6 }]);
  test.each([...SCHEDULES, 'drawn' as const])(
    'masks as the schedule %s says, and its weights integrate to 1',
    (schedule) => {
      const chosen = scheduleOf({ schedule, curve });
      const rows = texts(64, 256);
      const model = { ...about(), schedule: chosen };
      let [masked, weight, expectedMasks, expectedWeight] = [0, 0, 0, 0];
      const steps = 12;
      for (let step = 0; step < steps; step++) {
        const { scored, weights } = objective({ objective: 'mdlm' }).ask(rows, { seed: 11, step }, model);
        masked += scored.length / (64 * 254) / steps;
        weight += sum(weights) / steps;
      }
      // Both integrals by the midpoint rule: ∫ p dt, and ∫ w p dt, which is the span of mask rates for w = p'/p.
      const points = 20_000;
      for (let i = 0; i < points; i++) {
        const t = FIRST_TIME + ((1 - FIRST_TIME) * (i + 0.5)) / points;
        expectedMasks += chosen.maskRate(t) / points;
        expectedWeight += ((1 - FIRST_TIME) * chosen.weight(t) * chosen.maskRate(t)) / points;
      }
      expect(Math.abs(masked - expectedMasks)).toBeLessThan(0.012);
      expect(Math.abs(weight - expectedWeight)).toBeLessThan(0.04);
      // Clipped draws stand in for the whole interval of mask rates; the others visit p(ε) … p(1).
      const span = schedule === 'clipped' ? 1 : chosen.maskRate(1) - chosen.maskRate(FIRST_TIME);
      expect(Math.abs(expectedWeight - span)).toBeLessThan(2e-3);
    },
  );

  test('the rows of a batch share out the times', () => {
    const rows = texts(10, 2000);
    const { scored } = objective({ objective: 'mdlm' }).ask(rows, { seed: 5, step: 1 }, about());
    const counts = new Array<number>(10).fill(0);
    for (const position of scored) counts[Math.floor(position / 2000)]! += 1 / 1998;
    counts.forEach((rate, row) => {
      expect(rate).toBeGreaterThan(row / 10 - 0.05);
      expect(rate).toBeLessThan((row + 1) / 10 + 0.05);
    });
  });

  test('uniform weights count every masked token alike', () => {
    const { weights } = objective({ objective: 'mdlm', weighting: 'uniform' }).ask(
      texts(4),
      { seed: 5, step: 1 },
      about(),
    );
    expect(new Set(weights).size).toBe(1);
    expect(sum(weights)).toBeCloseTo(1, 5);
    expect(objective({ objective: 'mdlm', weighting: 'uniform' }).bound).toBe(false);
  });
});

describe('mdlm with tokens that are not masked alike', () => {
  /** Share of the tokens masked, by `group`, over some steps. */
  const shares = (maskOrder: 'spindle' | 'position', rows: Rows, group: (slot: number) => number) => {
    const settings = { ...defaultTrainSettings(), objective: 'mdlm', maskOrder } as const;
    const told = aboutOf(settings, rows, { maskId: MASK, vocabSize: VOCABULARY });
    const found = [0, 0];
    let weight = 0;
    for (let step = 0; step < 60; step++) {
      const { scored, weights } = objectiveOf(settings).ask(rows, { seed: 2, step }, told);
      for (const slot of scored) found[group(slot)]! += 1;
      weight += sum(weights) / 60;
    }
    return [found[0]! / found[1]!, weight, objectiveOf(settings).bound] as const;
  };

  test('the spindle masks rare tokens more than common ones, and weighs by the rate of each', () => {
    // Half of the slots hold one token, the others a hundred different ones.
    const ids = Int32Array.from({ length: 8 * 40 }, (_, i) => (i % 2 === 0 ? 5 : 6 + (Math.floor(i / 2) % 40)));
    const rows: Rows = { ids, maskable: new Uint8Array(ids.length).fill(1), length: 40 };
    const [common, weight, bound] = shares('spindle', rows, (slot) => slot % 2);
    expect(common).toBeLessThan(0.8);
    expect(Math.abs(weight - 1)).toBeLessThan(0.05);
    expect(bound).toBe(false);
  });

  test('times by position mask what stands behind more than what stands in front', () => {
    const rows: Rows = { ...texts(8), maskable: new Uint8Array(8 * LENGTH).fill(1) };
    const [front, weight, bound] = shares('position', rows, (slot) => Number(slot % LENGTH >= LENGTH / 2));
    expect(front).toBeLessThan(0.9);
    expect(weight).toBeCloseTo(1, 5);
    expect(bound).toBe(false);
  });
});

describe('ten rates', () => {
  const asked = objective({ objective: 'ten-rates', maskRates: 10, prefix: 16 });
  test('draws each of ten rates, one a batch, and keeps the prefix', () => {
    const rows = texts(8, 512);
    const seen = new Map<number, number>();
    for (let step = 0; step < 300; step++) {
      const { scored } = asked.ask(rows, { seed: 9, step }, about());
      expect(scored.every((position) => position % 512 >= 16)).toBe(true);
      const share = scored.length / (8 * (512 - 17));
      const rate = Math.max(1, Math.round(share * 10)) / 10;
      expect(Math.abs(share - rate)).toBeLessThan(0.05);
      seen.set(rate, (seen.get(rate) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    for (const count of seen.values()) expect(count).toBeGreaterThan(10);
  });
});

test('bert asks for 15 % and shows 80, 10 and 10 % of them as mask, another token and themselves', () => {
  const rows = texts(40, 1000);
  const { inputs, scored } = objective({ objective: 'bert' }).ask(rows, { seed: 1, step: 2 }, about());
  expect(scored.length / (40 * 998)).toBeGreaterThan(0.14);
  expect(scored.length / (40 * 998)).toBeLessThan(0.16);
  const share = (test: (position: number) => boolean) => scored.filter(test).length / scored.length;
  const masks = share((at) => inputs[at] === MASK);
  const same = share((at) => inputs[at] === rows.ids[at]);
  // A random id is [MASK], or the right one, once in 50.
  expect(Math.abs(masks - 0.802)).toBeLessThan(0.02);
  expect(Math.abs(same - 0.102)).toBeLessThan(0.015);
});

test('next-token scores every token but the first of a text, from the left', () => {
  const { inputs, scored, targets, weights } = objective({ objective: 'next-token' }).ask(
    texts(2, 8),
    { seed: 0, step: 0 },
    about(),
  );
  expect([...inputs]).toEqual([...texts(2, 8).ids]);
  expect([...scored]).toEqual([1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14]);
  expect([...targets]).toEqual([6, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 19]);
  expect(sum(weights)).toBeCloseTo(1, 6);
});
