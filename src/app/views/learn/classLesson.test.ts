import '../../testing/english.ts';
import { expect, test } from 'vitest';
import { problemsOfLesson } from './classLesson.ts';

test.each([
  ['#/generate?v=2&seed=7&lock=chance&free=seed&say=Look', true, []],
  ['#/learn?chapter=3&beat=2', true, []],
  ['#/compare', true, []],
  ['#/nowhere?x=1', false, [/nowhere/]],
  ['#/learn?chapter=99', true, [/99/]],
  ['#/generate?steps=none&hide=colour', true, [/colour/, /none/]],
])('%s: leads %s, %j', (link, leads, said) => {
  const found = problemsOfLesson({ link });
  expect(found.leads).toBe(leads);
  expect(found.said).toHaveLength(said.length);
  for (const [at, sentence] of said.entries()) expect(found.said[at]).toMatch(sentence);
});
