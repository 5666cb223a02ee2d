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
