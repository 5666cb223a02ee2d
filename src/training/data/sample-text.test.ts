import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { memorySource } from '../../checkpoint/sources.ts';
import { splitTexts } from './split.ts';
import { readTexts } from './texts.ts';

test('the shipped text is read as stories and leaves some to hold out', async () => {
  const bytes = new Uint8Array(readFileSync(new URL('../../../public/data/sample.txt', import.meta.url)));
  const { texts, characters } = await readTexts(memorySource(new Map([['sample.txt', bytes]]), 'here'), 'sample.txt');
  expect(texts.length).toBeGreaterThanOrEqual(100);
  expect(characters).toBeGreaterThan(20_000);
  const { train, heldOut } = splitTexts(texts, 0.05, 42);
  expect(heldOut.length).toBeGreaterThan(1);
  expect(train.length).toBeGreaterThan(80);
});
