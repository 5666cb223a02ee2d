import { expect, test } from 'vitest';
import { PUBLISHED, publishedConfig } from '../checkpoint/published-config.ts';
import { readConfig } from '../model/families/index.ts';
import { memoryOf } from './memory.ts';

test('what a LoRA run beside four bits takes is told before it begins', () => {
  // bench/results/lora-base-swiftshader.json: ModernBERT-base, rank 8, two rows of 128. The decoder was opened whole then, as
  // often as three times at once; now it is opened in parts of 16 MiB.
  const measured = { baseBytes: 101_993_472, peakBytes: 1_308_301_108 };
  const { arch } = readConfig(publishedConfig(PUBLISHED.base));
  const run = { rows: 2, blocks: 1, length: 128 };
  const { base, learning, work } = memoryOf(arch, new Map(), run, { learns: 1_701_888, precision: 'int4' });
  expect(Math.abs(base / measured.baseBytes - 1)).toBeLessThan(0.05);
  const withoutDecoder = measured.peakBytes - 3 * 4 * arch.vocab * arch.width + 2 ** 24;
  expect(Math.abs((base + learning + work) / withoutDecoder - 1)).toBeLessThan(0.15);
  const all = memoryOf(arch, new Map(), { ...run, blocks: 22 }, { learns: 1_701_888, precision: 'int4' });
  expect(all.work).toBeLessThan(0.3 * work);
  const whole = memoryOf(arch, new Map(), run);
  expect(whole.base).toBe(0);
  expect(whole.learning).toBe(6 * 4 * 149_655_232);
});
