import { expect, test } from 'vitest';
import { Kept } from './kept.ts';

const anchor = Int32Array.of(1, 2, 3, 4, 5, 6);

test('an anchor is held until rows outside the block are overwritten', () => {
  const kept = new Kept();
  expect(kept.holds({ anchor, from: 2, to: 4 })).toBe(false);
  kept.whole(anchor);
  expect(kept.holds({ anchor, from: 2, to: 4 })).toBe(true);
  expect(kept.holds({ anchor: anchor.slice(0, 5), from: 2, to: 4 })).toBe(false);
  expect(kept.holds({ anchor: anchor.with(5, 9), from: 2, to: 4 })).toBe(false);
  kept.overwrite({ from: 2, to: 4 });
  expect(kept.holds({ anchor, from: 2, to: 4 })).toBe(true);
  expect(kept.holds({ anchor, from: 1, to: 6 })).toBe(true);
  expect(kept.holds({ anchor, from: 3, to: 5 })).toBe(false);
  kept.overwrite({ from: 4, to: 5 });
  expect(kept.holds({ anchor, from: 2, to: 4 })).toBe(false);
  kept.whole(anchor);
  expect(kept.holds({ anchor, from: 3, to: 5 })).toBe(true);
});

test('a text is kept as far as it is the same', () => {
  const kept = new Kept();
  expect(kept.prefix(anchor)).toBe(0);
  kept.whole(anchor);
  expect(kept.prefix(anchor.with(4, 9))).toBe(4);
  expect(kept.prefix(Int32Array.of(...anchor, 7, 8))).toBe(6);
  kept.clear();
  expect(kept.prefix(anchor)).toBe(0);
});
