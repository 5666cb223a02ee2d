import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Canvas, Slot } from './canvas.ts';
import { commonSubsequence, diffCanvases, Mark } from './diff.ts';

const MASK = 9;
const canvas = (...ids: number[]): Canvas => ({
  ids: Int32Array.from(ids),
  states: Uint8Array.from(ids, (id) => (id === MASK ? Slot.Masked : Slot.Revealed)),
});
const { Same, Differs, Open } = Mark;

describe('the difference of two canvases', () => {
  test('of one length is found slot by slot; a slot that one side has not written is open on both', () => {
    const diff = diffCanvases(canvas(1, 2, 3, MASK), canvas(1, 4, MASK, MASK));
    expect(diff.by).toBe('slot');
    expect([...diff.left]).toEqual([Same, Differs, Open, Open]);
    expect([...diff.right]).toEqual([...diff.left]);
    expect(diff).toMatchObject({ same: 1, differs: { left: 1, right: 1 } });
  });

  test('of two lengths is found by the longest common subsequence; masks match nothing', () => {
    const diff = diffCanvases(canvas(1, 2, 3, MASK, 4), canvas(1, 3, 4, 5, MASK, 6));
    expect(diff.by).toBe('sequence');
    expect([...diff.left]).toEqual([Same, Differs, Same, Open, Same]);
    expect([...diff.right]).toEqual([Same, Same, Same, Differs, Open, Differs]);
    expect(diff).toMatchObject({ same: 3, differs: { left: 1, right: 2 } });
  });
});

describe('commonSubsequence', () => {
  /** The definition, without any cleverness. */
  const longest = (a: readonly number[], b: readonly number[]): number => {
    if (a.length === 0 || b.length === 0) return 0;
    if (a[0] === b[0]) return 1 + longest(a.slice(1), b.slice(1));
    return Math.max(longest(a.slice(1), b), longest(a, b.slice(1)));
  };
  const ids = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 7 });

  test('is a longest one, ascending in both', () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const pairs = commonSubsequence(a, b);
        expect(pairs).toHaveLength(longest(a, b));
        pairs.forEach(([i, j], at) => {
          expect(a[i]).toBe(b[j]);
          if (at > 0) expect(i > pairs[at - 1]![0] && j > pairs[at - 1]![1]).toBe(true);
        });
      }),
    );
  });

  test('of very long lists keeps the common ends and gives up the middle', () => {
    const long = (offset: number) => [1, ...Array.from({ length: 6000 }, (_, i) => i + offset), 2];
    expect(commonSubsequence(long(10), long(20_000))).toEqual([
      [0, 0],
      [6001, 6001],
    ]);
  });
});
