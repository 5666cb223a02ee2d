import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance } from './edit-flow/align.ts';
import { MISTAKES, withMistakes } from './mistakes.ts';

const STORY = 'One day, a little girl named Lily found a needle in her room. She knew it was sharp.';
const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');
const many = (kind: (typeof MISTAKES)[number], rate: number, texts = 40) =>
  Array.from({ length: texts }, (_, number) => withMistakes(STORY, kind, rate, { seed: 5, number }));

describe('withMistakes', () => {
  test.each(MISTAKES)('%s: the same for seed and number, others for others, nothing at rate 0', (kind) => {
    const made = (seed: number, number: number) => withMistakes(STORY, kind, 0.5, { seed, number });
    expect(made(1, 2)).toBe(made(1, 2));
    expect(new Set([made(1, 2), made(2, 2), made(1, 3)]).size).toBe(3);
    expect(withMistakes(STORY, kind, 0, { seed: 1, number: 2 })).toBe(STORY);
  });

  test('the expected number of mistakes is the rate', () => {
    const dropped = many('drop', 0.2, 200).reduce((sum, text) => sum + words(STORY).length - words(text).length, 0);
    // 17 words, 200 texts: 680 expected, deviation 23.
    expect(Math.abs(dropped - 680)).toBeLessThan(100);
  });

  test('a slip changes one or two letters of a word, and no word goes', () => {
    const kinds = new Set<number>();
    for (const text of many('typos', 1)) {
      const slipped = words(text);
      expect(slipped).toHaveLength(words(STORY).length);
      slipped.forEach((word, i) => {
        const whole = words(STORY)[i] as string;
        expect(editDistance([...whole], [...word])).toBeLessThanOrEqual(2);
        if (whole.replace(/\W/g, '').length < 3) expect(word).toBe(whole);
        kinds.add(word.length - whole.length);
      });
    }
    expect([...kinds].sort()).toEqual([-1, 0, 1]);
  });

  test('words are left out with the gap beside them, and one word stays', () => {
    for (const text of many('drop', 0.5)) {
      expect(text).not.toMatch(/ {2}|^ | $/);
      expect(words(STORY).join(' ')).toContain(words(text)[0] as string);
    }
    expect(withMistakes('one two three', 'drop', 1, { seed: 1, number: 0 })).toBe('three');
    expect(withMistakes('alone', 'drop', 1, { seed: 1, number: 0 })).toBe('alone');
  });

  test('double and order', () => {
    expect(withMistakes('one two\nthree', 'double', 1, { seed: 1, number: 0 })).toBe('one one two two\nthree three');
    expect(withMistakes('one two\nthree four', 'order', 1, { seed: 1, number: 0 })).toBe('two one\nfour three');
    expect(withMistakes('one two three', 'order', 1, { seed: 1, number: 0 })).toBe('two one three');
  });

  test('any text at any rate: never longer than twice, never lost', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom(...MISTAKES),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (text, kind, rate) => {
          const made = withMistakes(text, kind, rate, { seed: 9, number: 1 });
          expect(made.length).toBeLessThanOrEqual(2 * text.length + words(text).length);
          if (kind !== 'drop' && kind !== 'mixed')
            expect(words(made).length).toBeGreaterThanOrEqual(words(text).length);
          if (words(text).length > 0) expect(words(made).length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});

test('what the trainer in training/ is held to is what is made here', () => {
  const lines = readFileSync(new URL('../../training/mistakes.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  for (const { text, kind, rate, seed, number, made } of lines.map((line) => JSON.parse(line)))
    expect(withMistakes(text, kind, rate, { seed, number })).toBe(made);
});
