/** What is kept back to measure with, of much text and of little. */
import { describe, expect, test } from 'vitest';
import { piecesOf } from './pieces.ts';
import { splitTexts } from './split.ts';

const line = (i: number) =>
  `On day ${i} the ${['cat', 'dog', 'owl'][i % 3]} went to the ${['hill', 'river'][i % 2]} and sat there.`;
const lines = (count: number) => Array.from({ length: count }, (_, i) => line(i));

/** Nothing that is kept back is learnt, and nothing is lost. */
function check(texts: readonly string[], share: number, seed = 7) {
  const split = splitTexts(texts, share, seed);
  const learnt = new Set(split.train.map((text) => text.trim()));
  expect(split.heldOut.filter((text) => learnt.has(text.trim()))).toEqual([]);
  const letters = (all: readonly string[]) => [...all.join('')].sort().join('');
  expect(letters([...split.train, ...split.heldOut])).toBe(letters(texts));
  return { ...split, notes: split.notes.map(String) };
}

test('a text is held out by its own hash: copies together, whatever else there is', () => {
  const many = Array.from({ length: 4000 }, (_, i) => `text ${i % 2000}`);
  const { train, heldOut, notes } = check(many, 0.1);
  expect(train.length + heldOut.length).toBe(4000);
  expect(heldOut.length / 4000).toBeGreaterThan(0.08);
  expect(heldOut.length / 4000).toBeLessThan(0.12);
  expect(notes).toEqual(['2000 of 4000 texts are copies of others.']);
  expect(splitTexts(many.slice(0, 2000), 0.1, 7).heldOut).toEqual(heldOut.slice(0, heldOut.length / 2));
  expect(splitTexts(many, 0.1, 8).heldOut).not.toEqual(heldOut);
});

describe('too few texts are cut into pieces, a share of which is kept back', () => {
  test.each<[string, string[]]>([
    ['one sentence a line', [`${lines(400).join('\n')}\n`]],
    ['one giant line', [lines(4000).join(' ')]],
    [
      'lines cut at a width',
      [
        lines(200)
          .join(' ')
          .replace(/(.{60}\S*) /g, '$1\n'),
      ],
    ],
    [
      'a few long paragraphs',
      [0, 1, 2].map(
        (part) =>
          `${lines(900)
            .slice(300 * part, 300 * part + 300)
            .join(' ')}\n\n`,
      ),
    ],
    [
      'Chinese in one line',
      [
        '从前有一只小狐狸，它住在山上的树林里。有一天，它看见了一只白色的兔子！'
          .repeat(9)
          .concat(...Array.from({ length: 400 }, (_, i) => `第${i}天，它又去了河边。`)),
      ],
    ],
    ['letters without an end', [Array.from({ length: 60_000 }, (_, i) => 'ACGT'[(i * i + (i >> 4)) % 4]).join('')]],
    ['4,500 characters that somebody pasted', [lines(90).join(' ').slice(0, 4500)]],
  ])('%s', (_, texts) => {
    const { heldOut, train, notes } = check(texts, 0.05);
    const size = (all: readonly string[]) => all.join('').length;
    expect(size(heldOut) / size(texts)).toBeGreaterThan(0.01);
    expect(size(heldOut) / size(texts)).toBeLessThan(0.2);
    expect(train.length).toBeGreaterThan(7);
    expect(notes).toEqual([expect.stringMatching(/^It is cut into \d+ pieces/)]);
  });

  test('pieces end with lines and sentences, never within a character', () => {
    for (const piece of piecesOf(lines(50).join('\n'), 600)) expect(piece).toMatch(/^On day .* there\.\n?$/);
    for (const piece of piecesOf(lines(500).join(' '), 600).slice(0, -1))
      expect(piece).toMatch(/^On day .* there\. $/s);
    const emoji = '🦊'.repeat(5000);
    expect(piecesOf(emoji, 601).join('')).toBe(emoji);
    for (const piece of piecesOf(emoji, 601)) expect(piece).toMatch(/^(🦊)+$/u);
  });
});

test.each([4, 9])('%d long conversations stay whole', (count) => {
  const texts = Array.from({ length: count }, (_, i) =>
    JSON.stringify([{ role: 'user', content: `${i} `.repeat(900) }]),
  );
  // No hash falls below so small a share.
  const { train, heldOut, notes } = splitTexts(texts, 1e-9, 1, { whole: true });
  expect([...train, ...heldOut].toSorted()).toEqual(texts.toSorted());
  expect(heldOut).toHaveLength(count < 8 ? 0 : 1);
  expect(notes).toEqual(count < 8 ? [expect.stringMatching(/too few different texts/)] : []);
});

describe('too little is learnt whole, and it is said', () => {
  test.each<[string, string[], RegExp]>([
    ['a sentence', ['Alone.'], /There is little text, 6 characters/],
    ['two', ['One.', 'Two.'], /too few different texts/],
    ['twelve short ones', lines(12), /There is little text/],
    ['equal ones', new Array(300).fill('The fox ran to the hill.'), /^All 300 texts are the same text\./],
  ])('%s', (_, texts, says) => {
    const { train, heldOut, notes } = check(texts, 0.05, 42);
    if (heldOut.length === 0) {
      expect(train).toEqual(texts);
      expect(notes.at(-1)).toMatch(/nothing is measured/);
    }
    expect(notes.join(' ')).toMatch(says);
  });

  test('none at all is refused', () => {
    expect(() => splitTexts([], 0.1, 1)).toThrow(/no text yet/);
  });
});
