import { expect, test } from 'vitest';
import { scheduleOf } from '../../diffusion/drawn-schedule.ts';
import { groupAdvantages, grpo, grpoLoss, oneUnmasking } from './grpo.ts';

const [MASK, LENGTH, BETA, CLIP] = [4, 10, 0.04, 0.5];
const draw = { seed: 3, step: 7 };
/** Four texts; of the last one two slots stand behind its end. */
const rows = {
  ids: Int32Array.from({ length: 4 * LENGTH }, (_, i) => (i >= 38 ? MASK : 5 + i)),
  maskable: Uint8Array.from({ length: 4 * LENGTH }, (_, i) => Number(i % LENGTH >= 4 && i < 38)),
  length: LENGTH,
};
const question = oneUnmasking(rows, draw, MASK, 0.5);
const settings = { beta: BETA, clipRatio: CLIP, promptMask: 0.5, updates: 2 };

test('an answer is masked whole, a prompt in part and anew at each update, and each text counts as much', () => {
  const { inputs, scored, targets, weights } = question;
  expect(scored).toHaveLength(3 * 6 + 4);
  for (const slot of scored) expect(inputs[slot]).toBe(MASK);
  expect(targets).toEqual(Int32Array.from(scored, (slot) => rows.ids[slot] as number));
  for (const text of [0, 1, 2, 3]) {
    const own = weights.filter((_, n) => Math.floor((scored[n] as number) / LENGTH) === text);
    expect(own.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1 / 4, 6);
  }
  const promptMasks = (step: number) =>
    oneUnmasking(rows, { ...draw, step }, MASK, 0.5).inputs.filter((id, i) => i % LENGTH < 4 && id === MASK).length;
  const counts = Array.from({ length: 40 }, (_, step) => promptMasks(step));
  expect(counts.reduce((sum, x) => sum + x, 0) / (40 * 16)).toBeCloseTo(0.5, 1);
  expect(oneUnmasking(rows, { ...draw, step: 8 }, MASK, 0.5).inputs).not.toEqual(inputs);
  expect(oneUnmasking(rows, draw, MASK, 0).inputs.filter((id, i) => i % LENGTH < 4 && id === MASK)).toHaveLength(0);
});

test('a text is worth its reward less the mean of its group, and nothing where all are alike', () => {
  expect([...groupAdvantages([1, 0, 0.5, 0.5, 2, 2], 2)]).toEqual([0.5, -0.5, 0, 0, 0, 0]);
});

/** Ratios below, within and above what counts, for texts that are worth more and less than their group. */
const policy = Float32Array.from(question.scored, (_, n) => 2 + ((n * 5) % 7) / 4);
const before = Float32Array.from(policy, (x, n) => x + [-0.9, -0.2, 0.1, 0.9][n % 4]!);
const reference = Float32Array.from(policy, (x, n) => x + ((n % 5) - 2) / 3);
const advantages = [0.5, -0.25, 0.75, -1];

test('the weights are the derivative of the loss by each cross-entropy, clipped ratios included', () => {
  const lossAt = (values: Float32Array) =>
    grpoLoss(question, { policy: values, before, reference, advantages }, settings).loss;
  const { weights, clipped } = grpoLoss(question, { policy, before, reference, advantages }, settings);
  expect(clipped).toBeGreaterThan(0.1);
  expect(clipped).toBeLessThan(0.9);
  const step = 1e-3;
  for (const n of question.scored.keys()) {
    const moved = (by: number) => policy.map((x, i) => (i === n ? x + by : x));
    const slope = (lossAt(moved(step)) - lossAt(moved(-step))) / (2 * step);
    expect(weights[n], String(n)).toBeCloseTo(slope, 4);
  }
});

test('the loss is that of the paper by hand: one clipped token, one that is not', () => {
  const two = { scored: Int32Array.from([0, 1]), length: 2, weights: Float32Array.from([0.5, 0.5]) };
  const terms = { policy: [1, 1], before: [2, 1.1], reference: [1, 1.5], advantages: [2] };
  const kl = Math.exp(-0.5) + 0.5 - 1;
  const expected = -0.5 * 1.5 * 2 - 0.5 * Math.exp(0.1) * 2 + BETA * 0.5 * kl;
  const found = grpoLoss(two, terms, { beta: BETA, clipRatio: 0.5 });
  expect(found.loss).toBeCloseTo(expected, 6);
  expect([found.clipped, found.divergence]).toEqual([0.5, expect.closeTo(0.5 * kl, 6)]);
});

test('before the first update the ratio is 1: the gradient is the advantage, and the loss says nothing of the reward', () => {
  const about = { maskId: MASK, vocabSize: 64, schedule: scheduleOf({ schedule: 'linear', curve: '' }) };
  const rewards = Float32Array.from([1, 0, 0.5, 0.5]);
  const written = { rewards, advantages: groupAdvantages(rewards, 4) };
  const objective = grpo(settings);
  const asked = objective.ask({ ...rows, written }, draw, about, [policy, policy, policy]);
  expect(asked.told).toEqual({ loss: expect.closeTo(0, 6), reward: 0.5, divergence: 0, clipped: 0, alike: 0 });
  for (const [n, slot] of asked.scored.entries()) {
    const text = Math.floor(slot / LENGTH);
    const share = question.weights[n] as number;
    expect(asked.weights[n]).toBeCloseTo(share * (written.advantages[text] as number), 6);
  }
  const alike = { rewards: new Float32Array(4), advantages: new Float32Array(4) };
  const nothing = objective.ask({ ...rows, written: alike }, draw, about, [policy, policy, policy]);
  expect([nothing.scored.length, nothing.told?.['alike']]).toEqual([0, 1]);
  expect(objective.probes?.(rows, draw, about).map(({ of }) => of)).toEqual(['policy', 'before', 'reference']);
});
