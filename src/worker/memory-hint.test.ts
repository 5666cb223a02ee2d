import { expect, test } from 'vitest';
import { memoryHint } from './memory-hint.ts';

test('half of a small machine is for the model; a large one, or one that says nothing, sets no bound', () => {
  expect(memoryHint(4)).toBe(2 * 2 ** 30);
  expect(memoryHint(8)).toBeUndefined();
  expect(memoryHint(undefined)).toBeUndefined();
});
