import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOnly, CONTINUED, joinBytes, textOfBytes } from './bytes.ts';

const bytesOf = (text: string) => [...new TextEncoder().encode(text)];

test.each([
  ['Chinese, a byte each', bytesOf('猫').map((byte) => textOfBytes([byte])), ['猫', CONTINUED, CONTINUED]],
  [
    'an emoji in two halves',
    [textOfBytes(bytesOf('🦊').slice(0, 2)), textOfBytes(bytesOf('🦊').slice(2))],
    ['🦊', CONTINUED],
  ],
  ['a space before, a letter after', [` ${textOfBytes([0xe2, 0x80])}`, `${textOfBytes([0x9c])}Oh`], [' “', 'Oh']],
  ['a character that is not finished', [textOfBytes([0xe7, 0x8c]), 'a'], ['\udce7\udc8c', 'a']],
  ['bytes that spell nothing', ['\udcff', '\udc80'], ['\udcff', '\udc80']],
  ['a half and a whole', ['\udce7\udc8c', '\udce7', '\udc8c', '\udcab'], ['\udce7\udc8c', '猫', CONTINUED, CONTINUED]],
  ['nothing at all', ['', 'a'], ['', 'a']],
])('%s', (_, pieces, texts) => {
  expect(joinBytes(pieces)).toEqual(texts);
});

test('whole text stays; any text cut anywhere comes back', () => {
  expect(textOfBytes(bytesOf('Grüße, 猫🦊'))).toBe('Grüße, 猫🦊');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.infiniteStream(fc.integer({ min: 1, max: 4 })), (text, cuts) => {
      const bytes = bytesOf(text);
      const pieces: string[] = [];
      for (let i = 0; i < bytes.length; ) {
        const { value } = cuts.next();
        pieces.push(textOfBytes(bytes.slice(i, i + (value as number))));
        i += value as number;
      }
      expect(joinBytes(pieces).join('').replaceAll(CONTINUED, '')).toBe(text.replaceAll(CONTINUED, ''));
    }),
  );
});

test('bytes alone are told as digits', () => {
  expect(bytesOnly(textOfBytes([0xe7, 0x8c]))).toBe('E7 8C');
  expect(bytesOnly('a')).toBeUndefined();
  expect(bytesOnly('')).toBeUndefined();
});
