import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Prediction, predictOne } from './network.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { tableNetwork } from './testing/table-network.ts';
import { alternativesKept, nucleus, retemper, truncate } from './truncate.ts';

const logits = [2, 1.5, 1, 0.2, -0.5, -1, -2, -4];
const ask = (topK: number, draw: { seed: number; step: number; temperature: number }): Promise<Prediction> =>
  predictOne(
    tableNetwork(8, 7, () => logits),
    { ids: new Int32Array(3), asked: Int32Array.of(0, 1, 2), draw },
    { topK },
  );
const greedy = { seed: 0, step: 0, temperature: 0 };
const softmax = (temperature: number) => {
  const weights = logits.map((l) => Math.exp(l / temperature));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
};
const settingsWith = (changes: Partial<Settings>): Settings => ({
  ...defaultSettings(),
  temperature: 0.7,
  topP: 1,
  ...changes,
});

describe('retemper', () => {
  test.each([0.3, 0.7, 1, 1.6])('with every alternative kept is the softmax at temperature %d', async (temperature) => {
    const probabilities = retemper(await ask(8, greedy), 1, temperature);
    softmax(temperature).forEach((p, id) => {
      expect(probabilities[id]).toBeCloseTo(p, 5);
    });
  });

  test('with some kept is exact at temperature 1, a lower bound below and an upper bound above', async () => {
    const some = await ask(3, greedy);
    for (let id = 0; id < 3; id++) {
      expect(retemper(some, 0, 1)[id]).toBeCloseTo(softmax(1)[id]!, 5);
      expect(retemper(some, 0, 0.5)[id]).toBeLessThanOrEqual(softmax(0.5)[id]!);
      expect(retemper(some, 0, 2)[id]).toBeGreaterThanOrEqual(softmax(2)[id]!);
    }
  });

  test('at temperature 0 puts everything on the best', async () => {
    expect(Array.from(retemper(await ask(3, greedy), 0, 0))).toEqual([1, 0, 0]);
  });
});

describe('nucleus', () => {
  test('is the smallest set that holds the probability, within the first k', () => {
    const p = [0.5, 0.3, 0.15, 0.05];
    expect(nucleus(p, 0, 1)).toBe(4);
    expect(nucleus(p, 0, 0.5)).toBe(1);
    expect(nucleus(p, 0, 0.51)).toBe(2);
    expect(nucleus(p, 0, 0.9)).toBe(3);
    expect(nucleus(p, 2, 0.9)).toBe(2);
    expect(nucleus(p, 9, 1)).toBe(4);
    expect(nucleus([0.2, 0.1], 0, 0.9)).toBe(2);
  });
});

describe('truncate', () => {
  test('leaves the prediction alone when it has nothing to exclude', async () => {
    const prediction = await ask(8, greedy);
    expect(truncate(prediction, settingsWith({}), 0)).toBe(prediction);
    expect(truncate(prediction, settingsWith({ topK: 3, temperature: 0 }), 0)).toBe(prediction);
  });

  test('changes only tokens it excludes: the noise is the one the network drew with', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 8 }),
        fc.double({ min: 0.1, max: 2 }),
        async (seed, k, t) => {
          const full = await ask(8, { seed, step: 4, temperature: t });
          const cut = truncate(await ask(8, greedy), settingsWith({ seed, topK: k, temperature: t }), 4);
          cut.ids.forEach((id, row) => {
            const allowed = Array.from(full.topIds.subarray(row * 8, row * 8 + k));
            expect(allowed).toContain(id);
            if (allowed.includes(full.ids[row]!)) expect(id).toBe(full.ids[row]);
            expect(cut.logProbs[row]).toBe(full.topLogProbs[row * 8 + Array.from(full.topIds).indexOf(id)]);
          });
        },
      ),
    );
  });

  test('draws in proportion within the nucleus', async () => {
    const prediction = await ask(8, greedy);
    const counts = [0, 0, 0];
    for (let step = 0; step < 2000; step++) {
      for (const id of truncate(prediction, settingsWith({ topP: 0.75, temperature: 1 }), step).ids) counts[id]!++;
    }
    const p = softmax(1).slice(0, 3);
    const held = p.reduce((a, b) => a + b, 0);
    counts.forEach((count, id) => {
      expect(count / 6000).toBeCloseTo(p[id]! / held, 1.5);
    });
  });
});

test('more alternatives are kept when truncating, never more than can be listed', () => {
  expect(alternativesKept(settingsWith({}), 50_000)).toBe(32);
  expect(alternativesKept(settingsWith({ topP: 0.9 }), 50_000)).toBe(64);
  expect(alternativesKept(settingsWith({ topP: 0.9 }), 10)).toBe(10);
});
