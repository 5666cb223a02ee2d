import { expect, test } from 'vitest';
import {
  type Answer,
  answer,
  forgetAnswer,
  formatAnswers,
  merged,
  parseAnswers,
  readAnswers,
  totals,
  useAsked,
} from './asked.ts';

const one: Answer = { id: 'a', before: 'left', after: undefined };
const other: Answer = { id: 'b', before: 'unknown', after: 'anywhere' };

test('answers go through a file and come back', () => {
  expect(parseAnswers(formatAnswers([one, other]), 'x.json')).toEqual([one, other]);
});

test('who is read twice counts once, with what was answered later', () => {
  const later: Answer = { id: 'a', before: undefined, after: 'anywhere' };
  const all = merged(merged([one], [other]), [later, other]);
  expect(all).toEqual([{ id: 'a', before: 'left', after: 'anywhere' }, other]);
  expect(totals(all)).toEqual({
    left: { before: 1, after: 0 },
    anywhere: { before: 0, after: 2 },
    'looks-up': { before: 0, after: 0 },
    unknown: { before: 1, after: 0 },
  });
});

test.each(['', '[]', '{"format":"unmask-answers","version":1,"answers":[{"id":7}]}', '{"format":"other"}', 'null'])(
  '%j is no file of answers, and it says so',
  (text) => {
    expect(() => parseAnswers(text, 'x.json')).toThrow('x.json holds no answers of a class.');
  },
);

test('a file larger than any class is refused unread', async () => {
  const file = { name: 'film.json', size: 3e9, text: () => Promise.reject(new Error('read')) };
  await expect(readAnswers(file)).rejects.toThrow('film.json holds no answers of a class.');
});

test('an answer keeps its id, and is forgotten for the next person', () => {
  answer('before', 'left');
  const { id } = useAsked.getState();
  answer('after', 'anywhere');
  expect(useAsked.getState()).toEqual({ id, before: 'left', after: 'anywhere' });
  forgetAnswer();
  answer('before', 'unknown');
  expect(useAsked.getState().id).not.toBe(id);
  expect(useAsked.getState().after).toBeUndefined();
});
