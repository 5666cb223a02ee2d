import { expect, test } from 'vitest';
import { type Frame, Look } from '../../../trace/frame.ts';
import { flow } from './flow.ts';

/** Every letter is half as wide as high. */
const measure = (text: string, _: string, size: number) => (text.length * size) / 2;

function lay(pieces: readonly string[], width: number, open: readonly number[] = []) {
  const ids = Int32Array.from(pieces, (_, id) => id);
  const looks = Uint8Array.from(pieces, (_, slot) => (open.includes(slot) ? Look.Open : 0));
  const frame = { ids, looks, later: ids, order: ids } as unknown as Frame;
  return flow(frame, { ...pieces }, { first: 0, width, size: 10, measure });
}

test('words break before their space, and pieces of one word stay together', () => {
  const { words, lines } = lay(['One', ' two', ' thr', 'ee', ' x'], 45);
  expect(words.map(({ body, line, x }) => [body, line, x])).toEqual([
    ['One', 0, 0],
    ['two', 0, 20],
    ['thr', 1, 0],
    ['ee', 1, 15],
    ['x', 1, 30],
  ]);
  expect(lines).toBe(2);
});

test('a mask takes the room of the word that will stand there', () => {
  const pieces = ['One', ' two', ' three', ' four'];
  const places = (open: readonly number[]) => lay(pieces, 60, open).words.map(({ x, line }) => [x, line]);
  expect(places([1, 2, 3])).toEqual(places([]));
});

test('line breaks are kept, and a last empty line is not counted', () => {
  const { words, lines } = lay(['One', '\n\n', 'Two', '\n'], 100);
  expect(words.map(({ body, line }) => [body, line])).toEqual([
    ['One', 0],
    ['↵↵', 0],
    ['Two', 2],
    ['↵', 2],
  ]);
  expect(lines).toBe(3);
});

test('Chinese breaks between any two signs, and what is wider than a line breaks between its pieces', () => {
  expect(lay(['从', '前', '有', '一'], 12).words.map(({ line }) => line)).toEqual([0, 0, 1, 1]);
  expect(lay(['Over', 'long', 'word'], 45).words.map(({ line }) => line)).toEqual([0, 0, 1]);
});
