import { describe, expect, test } from 'vitest';
import { type AttentionSpec, SEES_ALL, SEES_BEFORE, type Sees } from '../model/arch.ts';
import { closedAt, type KeyLabel, SequenceCache } from './sequence-cache.ts';

const archOf = (...all: Sees[]) => ({
  layers: all.map((sees) => ({ attention: { sees } as AttentionSpec })) as never,
});
const ids = (...values: number[]) => Int32Array.from(values);
const label = (values: number[], ends = [values.length], overwritten?: KeyLabel['overwritten']): KeyLabel => ({
  text: { ids: ids(...values) },
  ends,
  overwritten,
});

test('a prefix is closed where no query sees beyond it', () => {
  expect(closedAt(archOf(SEES_BEFORE), 5)).toBe(true);
  expect(closedAt(archOf(SEES_BEFORE, SEES_ALL), 5)).toBe(false);
  expect([4, 5, 8].map((at) => closedAt(archOf({ blocks: 4 }), at))).toEqual([true, false, true]);
});

describe('keys and values that can be gone on from', () => {
  test('are in causal networks those of the common beginning', () => {
    const cache = new SequenceCache(archOf(SEES_BEFORE));
    expect(cache.held(label([1, 2, 3, 4]), { ids: ids(1, 2, 9, 4) }, 4)).toBe(2);
    expect(cache.held(label([1, 2, 3, 4], [4], { from: 1, to: 2 }), { ids: ids(1, 2, 3) }, 3)).toBe(1);
    const moved = { ids: ids(1, 2, 3), positions: ids(0, 2, 4) };
    expect(cache.held(label([1, 2, 3, 4]), moved, 3)).toBe(1);
  });

  test('are in networks of blocks whole prefixes, whose passes ended with blocks', () => {
    const cache = new SequenceCache(archOf({ blocks: 2 }));
    const text = { ids: ids(1, 2, 3, 4, 5, 6) };
    expect(cache.held(label([1, 2, 3, 4, 5, 6]), text, 4)).toBe(4);
    expect(cache.held(label([1, 2, 3, 4, 5, 6], [2, 6]), text, 4)).toBe(4);
    expect(cache.held(label([1, 2, 3, 4, 5, 6], [3, 6]), text, 4)).toBe(0);
    expect(cache.held(label([1, 2, 9]), text, 4)).toBe(0);
  });

  test('are in networks that see everything those of a pass that ended there', () => {
    const cache = new SequenceCache(archOf(SEES_ALL));
    const text = { ids: ids(1, 2, 3, 4) };
    expect(cache.held(label([1, 2, 3, 4]), text, 2)).toBe(0);
    expect(cache.held(label([1, 2]), text, 2)).toBe(2);
    expect(cache.held(label([1, 2, 3, 4], [2, 4]), text, 2)).toBe(2);
    expect(cache.held(label([1, 2, 3, 4], [2, 4]), text, 4)).toBe(0);
  });

  test('of an anchor are those of a whole pass, but for the rows that are run anew', () => {
    const cache = new SequenceCache(archOf(SEES_ALL));
    cache.keys.size = 10;
    const run = cache.keys.take(4, label([1, 2, 3, 4], [4], { from: 1, to: 3 }), new Set());
    const anchor = { ids: ids(1, 2, 3, 4) };
    expect(cache.findAnchor(anchor, { from: 1, to: 4 })).toBe(run);
    expect(cache.findAnchor(anchor, { from: 2, to: 4 })).toBeUndefined();
    expect(cache.findAnchor({ ids: ids(1, 2, 3) }, { from: 1, to: 3 })).toBeUndefined();
  });
});
