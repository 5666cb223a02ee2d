import { expect, test } from 'vitest';
import { frequencies } from './rotary.ts';

test('frequencies fall from 1 by powers of theta', () => {
  expect([...frequencies({ theta: 10_000 }, 8)]).toEqual([1, 0.1, 0.01, 0.001].map((x) => expect.closeTo(x, 12)));
});

test('linear scaling stretches every position', () => {
  const scaled = frequencies({ theta: 10_000, scaling: { kind: 'linear', factor: 4 } }, 8);
  expect([...scaled]).toEqual([0.25, 0.025, 0.0025, 0.00025].map((x) => expect.closeTo(x, 12)));
});

test('llama3 scaling leaves the fast ones, divides the slow ones, and blends between', () => {
  // Llama 3.1: factor 8, 1 to 4 turns within 8192 positions. Turns of the four pairs: 1304, 49, 1.84, 0.07.
  const scaling = {
    kind: 'llama3',
    factor: 8,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalLength: 8192,
  } as const;
  const plain = frequencies({ theta: 500_000 }, 8);
  const scaled = frequencies({ theta: 500_000, scaling }, 8);
  const ratio = [...scaled].map((value, j) => value / (plain[j] as number));
  const share = ((8192 * (plain[2] as number)) / (2 * Math.PI) - 1) / 3;
  expect(ratio).toEqual([1, 1, expect.closeTo((1 - share) / 8 + share, 12), 0.125]);
});
