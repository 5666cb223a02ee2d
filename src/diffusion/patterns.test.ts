import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnmaskError } from './error.ts';
import { places } from './patterns.ts';
import { formatSlots, parseSlots } from './slot-list.ts';
import { anySlots } from './testing/arbitrary.ts';

const drawing = { pattern: 'rows', width: 3, order: '' } as const;

/** Slots from first to last. */
function orderOf(changes: Partial<Parameters<typeof places>[0]>, length: number): number[] {
  const found = places({ ...drawing, ...changes }, length);
  return [...found.keys()].sort((a, b) => found[a]! - found[b]! || a - b);
}

describe('patterns', () => {
  // 0 1 2
  // 3 4 5
  // 6 7
  test.each([
    ['rows', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['columns', [0, 3, 6, 1, 4, 7, 2, 5]],
    ['checkerboard', [0, 2, 4, 6, 1, 3, 5, 7]],
    ['centre-out', [3, 4, 2, 5, 1, 6, 0, 7]],
  ] as const)('%s', (pattern, want) => {
    expect(orderOf({ pattern }, 8)).toEqual(want);
  });

  test('drawn: what was left out comes last, what is not there is passed over', () => {
    expect(orderOf({ pattern: 'drawn', order: '6-5,0,99' }, 8)).toEqual([6, 5, 0, 1, 2, 3, 4, 7]);
  });
});

describe('a list of slots', () => {
  test('is read as it is drawn: earlier first, each slot once', () => {
    expect(parseSlots('0-3,9,7-5')).toEqual([0, 1, 2, 3, 9, 7, 6, 5]);
    expect(parseSlots('4, 2 - 5')).toEqual([4, 2, 3, 5]);
    expect(parseSlots('')).toEqual([]);
  });

  test('is written in its shortest form, and comes back', () => {
    expect(formatSlots([0, 1, 2, 3, 9, 7, 6, 5])).toBe('0-3,9,7-5');
    fc.assert(
      fc.property(anySlots, (slots) => {
        expect(parseSlots(formatSlots(slots))).toEqual(slots);
      }),
    );
  });

  test.each(['a', '1,', '1--2', '-1', '8192', '12345', '1;2', '1.5'])('refuses %s', (text) => {
    expect(() => parseSlots(text)).toThrow(UnmaskError);
  });

  test('never takes long or throws anything else', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-0-9, ]{0,40}$/), (text) => {
        try {
          expect(parseSlots(text).length).toBeLessThanOrEqual(8192);
        } catch (error) {
          expect(error).toBeInstanceOf(UnmaskError);
        }
      }),
    );
  });
});
