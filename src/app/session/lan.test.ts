import { expect, test } from 'vitest';
import { at } from './lan.ts';

test('a link leads to the same place by the address that others know', () => {
  const link = 'http://localhost:4173/?embed#/generate?v=2&prompt=%22hi%22&seed=7';
  expect(at('http://192.168.1.20:4173/', link)).toBe(
    'http://192.168.1.20:4173/?embed#/generate?v=2&prompt=%22hi%22&seed=7',
  );
});
