import { expect, test } from 'vitest';
import { PUBLISHED, publishedConfig } from '../checkpoint/published-config.ts';
import { readConfig } from '../model/families/index.ts';
import { memoryOf } from './memory.ts';

test('what a LoRA run beside four bits takes is told within a tenth of what was measured', () => {
  // bench/results/lora-base-swiftshader.json: ModernBERT-base, rank 8, two rows of 128.
  const measured = { baseBytes: 101_993_472, peakBytes: 1_308_301_108 };
  const { arch } = readConfig(publishedConfig(PUBLISHED.base));
  const run = { rows: 2, blocks: 1, length: 128 };
  const { base, learning, work } = memoryOf(arch, new Map(), run, { learns: 1_701_888, precision: 'int4' });
  expect(Math.abs(base / measured.baseBytes - 1)).toBeLessThan(0.05);
  expect(Math.abs((base + learning + work) / measured.peakBytes - 1)).toBeLessThan(0.1);
  const whole = memoryOf(arch, new Map(), run);
  expect(whole.base).toBe(0);
  expect(whole.learning).toBe(6 * 4 * 149_655_232);
});
