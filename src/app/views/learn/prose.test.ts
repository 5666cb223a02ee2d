import { expect, test } from 'vitest';
import { parseProse, targetsIn } from './prose.ts';

test('text without marks stays whole', () => {
  expect(parseProse('No mark [here].')).toEqual(['No mark [here].']);
});

test('marks and text come in turn, marks at the ends included', () => {
  expect(parseProse('[[gaps|Gaps]] and [[time|the slider]]')).toEqual([
    { target: 'gaps', words: 'Gaps' },
    ' and ',
    { target: 'time', words: 'the slider' },
  ]);
  expect(targetsIn('这是[[canvas|画布]]，那是[[gaps|空]]。')).toEqual(['canvas', 'gaps']);
});

test('what is no mark is text', () => {
  expect(parseProse('[[Upper|x]] [[gaps]] [[gaps|]]')).toEqual(['[[Upper|x]] [[gaps]] [[gaps|]]']);
});

test('the signs behind a mark stay on its line, the words do not', () => {
  const shown = (text: string) =>
    parseProse(text).map((part) => (typeof part === 'string' ? [part, ''] : [part.words, part.tail ?? '']));
  expect(shown('Is it [[gaps|hidden]], or ([[time|not]])? [[gaps|So]] be it.')).toEqual([
    ['Is it ', ''],
    ['hidden', ','],
    [' or (', ''],
    ['not', ')?'],
    [' ', ''],
    ['So', ''],
    [' be it.', ''],
  ]);
  expect(shown('[[gaps|穴]]、次')).toEqual([
    ['穴', '、'],
    ['次', ''],
  ]);
});
