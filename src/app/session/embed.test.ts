import { expect, test } from 'vitest';
import { embedCode, reachesOnlyHere } from './embed.ts';

test('the code to paste keeps the link and cannot end its attribute', () => {
  const code = embedCode('https://class.example/unmask/#/generate?v=2&prompt=%22hi%22&seed=7', 'Unmask');
  expect(code).toContain('src="https://class.example/unmask/?embed#/generate?v=2&amp;prompt=%22hi%22&amp;seed=7"');
  expect(code).toMatch(/^<iframe [^<>]*><\/iframe>$/);
});

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['[::1]', true],
  ['unmask.localhost', true],
  ['192.168.1.20', false],
  ['localhost.example', false],
  ['class.example', false],
])('%s is only this machine: %s', (host, expected) => {
  expect(reachesOnlyHere(host)).toBe(expected);
});
