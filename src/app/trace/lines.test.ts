import { describe, expect, test } from 'vitest';
import { word as bits, Stream, stepKey, uniform } from '../../diffusion/rng.ts';
import { lineStarts, type Word } from './lines.ts';

const word = (slot: number, width: number, breaks = false): Word => ({ slot, space: 10, width, breaks });
const row = (count: number, width: number) => Array.from({ length: count }, (_, slot) => word(slot, width));
const none: ReadonlySet<number> = new Set();

describe('the lines of a text that is being written', () => {
  test('are filled to the given share at first', () => {
    // Four of 100, each with a space of 10, take 440.
    expect([...lineStarts(row(9, 100), 440, none, 1)]).toEqual([4, 8]);
    expect([...lineStarts(row(9, 100), 440, none, 0.95)]).toEqual([3, 6]);
  });

  test('begin where they did while there is room, and give a word away when they are full', () => {
    const words = row(9, 100);
    const held = lineStarts(words, 440, none, 0.95);
    words[1] = word(1, 140);
    words[4] = word(4, 80);
    expect(lineStarts(words, 440, held, 1)).toEqual(held);
    words[2] = word(2, 200);
    expect([...lineStarts(words, 440, held, 1)]).toEqual([2, 5]);
  });

  test('take words back when they are short', () => {
    const words = [...row(3, 20), ...row(6, 100).map(({ width }, i) => word(i + 3, width))];
    expect([...lineStarts(words, 440, new Set([3, 6]), 1)]).toEqual([6]);
  });

  test('begin where the text says, whatever was held', () => {
    const words = row(6, 100).map((one) => (one.slot === 2 ? { ...one, breaks: true } : one));
    expect([...lineStarts(words, 440, new Set([3, 5]), 1)]).toEqual([5]);
  });

  test('a word that is wider than a line stands alone', () => {
    expect([...lineStarts([word(0, 900), word(1, 100), word(2, 900)], 440, none, 1)]).toEqual([1, 2]);
  });

  test('move far fewer words than lines broken anew at every step', () => {
    const key = stepKey(7, 0, Stream.Gumbel);
    let drawn = 0;
    const draw = () => uniform(bits(key, 0, drawn++));
    const natural = { words: row(120, 44), moved: 0, lines: [] as number[] };
    const kept = { moved: 0, lines: [] as number[] };
    const lineOf = (starts: ReadonlySet<number>) => {
      let line = 0;
      return natural.words.map(({ slot }) => (starts.has(slot) ? ++line : line));
    };
    const moves = (before: number[], after: number[]) => after.filter((line, slot) => line !== before[slot]).length;
    let held = lineStarts(natural.words, 660, none, 0.95);
    natural.lines = lineOf(lineStarts(natural.words, 660, none, 1));
    kept.lines = lineOf(held);
    const left = natural.words.map(({ slot }) => slot);
    while (left.length > 0) {
      const [slot] = left.splice(Math.floor(draw() * left.length), 1) as [number];
      natural.words[slot] = word(slot, 10 + draw() * 60);
      const anew = lineOf(lineStarts(natural.words, 660, none, 1));
      natural.moved += moves(natural.lines, anew);
      natural.lines = anew;
      held = lineStarts(natural.words, 660, held, 1);
      kept.moved += moves(kept.lines, lineOf(held));
      kept.lines = lineOf(held);
    }
    expect(natural.moved).toBeGreaterThan(0);
    expect(kept.moved * 3).toBeLessThan(natural.moved);
  });
});
