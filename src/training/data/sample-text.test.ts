import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { memorySource } from '../../checkpoint/sources.ts';
import { splitTexts } from './split.ts';
import { readTexts } from './texts.ts';

test.each(['little-stories.txt', 'sample.txt'])(
  '%s, which ships, is read as stories and leaves some to hold out',
  async (name) => {
    const bytes = new Uint8Array(readFileSync(new URL(`../../../public/data/${name}`, import.meta.url)));
    const { texts, characters } = await readTexts(memorySource(new Map([[name, bytes]]), 'here'), name);
    expect(texts.length).toBeGreaterThanOrEqual(100);
    expect(new Set(texts).size).toBe(texts.length);
    expect(characters).toBeGreaterThan(20_000);
    const { train, heldOut } = splitTexts(texts, 0.05, 42);
    expect(heldOut.length).toBeGreaterThan(1);
    expect(train.length).toBeGreaterThan(80);
  },
);
