import { expect, test } from 'vitest';
import { before, formatPlace, next, parsePlace } from './address.ts';
import { CHAPTERS } from './chapters/index.ts';

test.each([
  ['chapter=3&beat=2', { chapter: 2, beat: 1 }],
  ['chapter=1', { chapter: 0, beat: 0 }],
  ['chapter=7&beat=99', { chapter: 6, beat: 0 }],
  ['chapter=7&beat=-1', { chapter: 6, beat: 0 }],
  ['chapter=99', undefined],
  ['chapter=0', undefined],
  ['chapter=1.5', undefined],
  ['chapter=<script>', undefined],
  ['', undefined],
])('%s names %j', (text, place) => {
  expect(parsePlace(text)).toEqual(place);
});

test('every place survives the address, and next and back go through all of them', () => {
  const seen = [];
  for (let place = parsePlace('chapter=1'); place; place = next(place)) {
    expect(parsePlace(formatPlace(place))).toEqual(place);
    const after = next(place);
    if (after) expect(before(after)).toEqual(place);
    seen.push(place);
  }
  expect(seen.length).toBe(CHAPTERS.reduce((sum, { beats }) => sum + beats.length, 0));
  expect(before({ chapter: 0, beat: 0 })).toBeUndefined();
});
