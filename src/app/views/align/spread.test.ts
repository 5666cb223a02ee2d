import { expect, test } from 'vitest';
import { drawnScores, exactVariance, type PairSets, RULES, varianceOf } from './spread.ts';

/** Cross-entropies that grow with the masks and differ from set to set; the reference is near the policy. */
const answer = (shift: number) => {
  const policy = Array.from({ length: 15 }, (_, i) => {
    const bits = [0, 1, 2, 3].filter((place) => ((i + 1) >> place) & 1);
    return bits.reduce((sum, place) => sum + 0.6 + 0.4 * place + shift, 0) + 0.25 * bits.length ** 2;
  });
  return { policy, reference: policy.map((sum, i) => 1.1 * sum + 0.05 * (i % 3)) };
};
const pair: PairSets = { chosen: answer(0), rejected: answer(0.7) };
const measured = (budget: (typeof RULES)['more'][number]) =>
  varianceOf(drawnScores(pair, 0.2, budget, { repeats: 4000, seed: 7 }));

test('what is drawn scatters as the exact variance says', () => {
  for (const budget of [...RULES.more, ...RULES.split, ...RULES.shared]) {
    const exact = exactVariance(pair, 0.2, budget);
    const { low, high, value } = measured(budget);
    // Ten intervals of 95 %: a little more room for each.
    const room = high - value;
    expect(exact, JSON.stringify(budget)).toBeGreaterThan(low - room);
    expect(exact, JSON.stringify(budget)).toBeLessThan(high + room);
  }
});

test('the three rules of LLaDA 1.5 come out, with intervals that do not overlap', () => {
  const more = RULES.more.map(measured);
  for (const [i, one] of more.slice(1).entries()) expect(one.high).toBeLessThan(more[i]?.low as number);
  const split = RULES.split.map(measured);
  expect(split[0]?.high).toBeLessThan(split.at(-1)?.low as number);
  expect(split.every(({ value }, i) => i === 0 || value > (split[i - 1]?.value as number))).toBe(true);
  const [shared, apart] = RULES.shared.map(measured);
  expect(shared?.high).toBeLessThan(apart?.low as number);
});

test('the same seed draws the same', () => {
  const budget = { times: 2, masks: 2, shared: false };
  const draw = (seed: number) => [...drawnScores(pair, 0.2, budget, { repeats: 5, seed })];
  expect(draw(1)).toEqual(draw(1));
  expect(draw(2)).not.toEqual(draw(1));
});
