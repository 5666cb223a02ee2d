import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { m } from './index.ts';

const { speed, change } = JSON.parse(
  readFileSync(new URL('../../../bench/results/caches.json', import.meta.url), 'utf8'),
) as {
  speed: { backend: string; length: number; block: number; gains: { prefix: number; dual: number } }[];
  change: { cache: string; block: number; agree: number }[];
};

describe('what the page says of caches is what was measured', () => {
  test('prefix', () => {
    expect(m.caches.prefix[1]).toContain('at most twice');
    expect(Math.max(...speed.map(({ gains }) => gains.prefix))).toBeLessThan(2);
  });

  test.each([
    [64, 'twice as fast at 64 tokens', 2],
    [256, '3 times at 256', 3],
  ])('dual at %i tokens', (length, words, times) => {
    expect(m.caches.dual[1]).toContain(words);
    const row = speed.find((one) => one.backend === 'wasm' && one.length === length && one.block === 16);
    expect(Math.round(row?.gains.dual ?? 0)).toBe(times);
  });

  test('how many guesses change', () => {
    expect(m.caches.dual[1]).toContain('4 % of its best guesses');
    const row = change.find(({ cache, block }) => cache === 'dual' && block === 16);
    expect(Math.round(100 * (1 - (row?.agree ?? 0)))).toBe(4);
  });
});
