import { expect, test } from 'vitest';
import { recordedTrace } from '../testing/runs.ts';
import { frameAt, Look } from './frame.ts';
import { boundsOf, endingFrom, isBeginning, pieceAmong, plainText, roomFor, slotClasses, wordOf } from './words.ts';

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

test('what a tokenizer puts before a text is told from the text', () => {
  for (const piece of ['[CLS]', '<s>', '<bos>', '<|begin_of_text|>']) expect(isBeginning(piece)).toBe(true);
  for (const piece of ['Once', ' [CLS] is', '[SEP]', '</s>', '']) expect(isBeginning(piece)).toBe(false);
});

test('the text to copy shows masks as blocks', () => {
  expect(plainText(Int32Array.of(1, 4, 2), 4, { 1: 'Once', 2: ' a', 4: '[MASK]' })).toBe('Once ▨ a');
});

test('the text to copy is without what begins it for the model, and without what ends and pads it', () => {
  const pieces = { 1: 'Once', 2: '[CLS]', 3: '[SEP]', 4: '[PAD]', 5: '[MASK]' };
  expect(plainText(Int32Array.of(2, 1, 3, 4, 4), 5, pieces)).toBe('Once');
  expect(plainText(Int32Array.of(1, 3, 1), 5, pieces)).toBe('Once[SEP]Once');
  expect(plainText(Int32Array.of(2, 4), 5, pieces)).toBe('');
  expect(plainText(Int32Array.of(1, 4), 4, { 1: 'Once', 4: '<|mdm_mask|>' })).toBe('Once ▨');
});

test('a text that is still to be written takes the room of its masks and of what is given', () => {
  const mask = roomFor('', '[MASK]', 1);
  expect(roomFor('A[MASK] fox', '[MASK]', 2)).toBe(`A${mask} fox${mask}${mask}`);
});

const halves = { 1: ' \udce7', 2: '\udc8c\udcab', 3: '\udc8c\udc90', 4: '[MASK]' };

test('bytes are joined to the characters they spell, in running text and for one slot', () => {
  expect(plainText(Int32Array.of(1, 2, 1, 4), 4, halves)).toBe(' 猫 \udce7 ▨');
  expect(pieceAmong([1, 2], 0, 1, halves)).toBe(' 猫');
  expect(pieceAmong([1, 2], 1, 3, halves)).toBe(' 猐');
  expect(pieceAmong([4, 2], 1, 2, halves)).toBe('\udc8c\udcab');
});

test('of a character in several slots the first reads as it, the others are its rest, which a mask never is', () => {
  expect(slotClasses(Look.Given, ' \u732b')).toBe('slot given');
  expect(slotClasses(Look.Given, '\u2060')).toBe('slot given joined sign rest');
  expect(slotClasses(Look.Given, '\udc8c')).toBe('slot given joined sign');
  expect(slotClasses(Look.Open, '\u2060')).toBe('slot mask joined');
});

test('a text ends where only ends and padding follow, and not where a mask is left among them', async () => {
  const trace = await recordedTrace({ steps: 8, sampler: 'left-to-right', block: 0 });
  const whole = frameAt(trace, 8);
  const pieces = { 0: ' day', 1: '[SEP]', 2: '[PAD]' };
  const frame = { ...whole, ids: Int32Array.of(2, 0, 0, 1, 2, 0, 1, 2, 2, 2) };
  expect(endingFrom(frame, pieces)).toBe(6);
  expect(endingFrom({ ...frame, ids: frame.ids.fill(0) }, pieces)).toBe(10);
  const late = { ...frameAt(trace, 6), ids: Int32Array.of(0, 0, 0, 0, 0, 0, 0, 1, 2, 2) };
  expect(endingFrom(late, pieces)).toBe(10);
  const unneeded = late.looks.map((look) => (look & Look.Open ? look | Look.Unneeded : look));
  const answered = { ...late, ids: Int32Array.of(0, 0, 0, 0, 0, 1, 2, 2, 2, 2), looks: unneeded };
  expect(endingFrom(answered, pieces)).toBe(5);
});

test('either end of a text has one mark, and none where only words stand', async () => {
  const frame = { ...frameAt(await recordedTrace(), 6), order: Int32Array.of(0, 1, 2, 3), looks: new Uint16Array(4) };
  const pieces = { 1: 'Once', 2: '[CLS]', 3: '[SEP]', 4: '[PAD]' };
  const bounds = (...ids: number[]) => [...boundsOf({ ...frame, ids: Int32Array.from(ids) }, pieces)].sort();
  expect(bounds(2, 1, 3, 4)).toEqual([
    [0, 'begin'],
    [2, 'end'],
    [3, 'more'],
  ]);
  expect(bounds(1, 2, 1, 1)).toEqual([]);
});
