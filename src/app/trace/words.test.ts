import { expect, test } from 'vitest';
import { pieceAmong, plainText, wordOf } from './words.ts';

test.each([
  [' fox', { lead: ' ', body: 'fox', trail: '', sign: undefined }],
  ['ly', { lead: '', body: 'ly', trail: '', sign: undefined }],
  ['\n\n', { lead: '', body: '↵↵', trail: '\n\n', sign: 'newline' }],
  [' ', { lead: '', body: '␣', trail: '', sign: 'space' }],
  ['\udce7\udc8c', { lead: '', body: 'E7 8C', trail: '', sign: 'byte' }],
  ['\u2060', { lead: '', body: '·', trail: '', sign: 'byte' }],
  ['."\n', { lead: '', body: '."', trail: '\n', sign: undefined }],
])('%j is cut into what is drawn', (piece, word) => {
  expect(wordOf(piece)).toEqual(word);
});

test('the text to copy shows masks as blocks', () => {
  expect(plainText(Int32Array.of(1, 4, 2), 4, { 1: 'Once', 2: ' a', 4: '[MASK]' })).toBe('Once ▨ a');
});

const halves = { 1: ' \udce7', 2: '\udc8c\udcab', 3: '\udc8c\udc90', 4: '[MASK]' };

test('bytes are joined to the characters they spell, in running text and for one slot', () => {
  expect(plainText(Int32Array.of(1, 2, 1, 4), 4, halves)).toBe(' 猫 \udce7 ▨');
  expect(pieceAmong([1, 2], 0, 1, halves)).toBe(' 猫');
  expect(pieceAmong([1, 2], 1, 3, halves)).toBe(' 猐');
  expect(pieceAmong([4, 2], 1, 2, halves)).toBe('\udc8c\udcab');
});
