import { expect, test } from 'vitest';
import { clause, english, said, sayTogether } from './said.ts';

test('a sentence keeps its values apart, crosses a worker as data, and reads in English', () => {
  const text = said`There are ${64} branches in ${'a tree'} already.`;
  expect(text).toEqual({ key: 'There are {} branches in {} already.', values: [64, 'a tree'] });
  expect(structuredClone(text)).toEqual(text);
  expect(english(structuredClone(text))).toBe('There are 64 branches in a tree already.');
  expect(`${text}`).toBe('There are 64 branches in a tree already.');
});

test('a text without values is its own key; what is no text and no number is written as a string', () => {
  expect(said`The canvas is empty.`).toBe('The canvas is empty.');
  expect(said`A header of ${8n} bytes.`).toEqual({ key: 'A header of {} bytes.', values: ['8'] });
});

test('a value may be a sentence, whole or as a clause; values that look like places are left alone', () => {
  const inner = said`There is no folder ${'{}'}.`;
  expect(english(said`It failed (${clause(inner)}), so it ended.`)).toBe(
    'It failed (There is no folder {}), so it ended.',
  );
  expect(english(sayTogether('One.', undefined, inner))).toBe('One. There is no folder {}.');
});
