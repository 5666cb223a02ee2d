import { expect, test } from 'vitest';
import { plainText, wordOf } from './words.ts';

test.each([
  [' fox', { lead: ' ', body: 'fox', trail: '', sign: undefined }],
  ['ly', { lead: '', body: 'ly', trail: '', sign: undefined }],
  ['\n\n', { lead: '', body: '↵↵', trail: '\n\n', sign: 'newline' }],
  [' ', { lead: '', body: '␣', trail: '', sign: 'space' }],
  ['."\n', { lead: '', body: '."', trail: '\n', sign: undefined }],
])('%j is cut into what is drawn', (piece, word) => {
  expect(wordOf(piece)).toEqual(word);
});

test('the text to copy shows masks as blocks', () => {
  expect(plainText(Int32Array.of(1, 4, 2), 4, { 1: 'Once', 2: ' a', 4: '[MASK]' })).toBe('Once ▨ a');
});
