import { expect, test } from 'vitest';
import { PUBLISHED, publishedConfig } from '../checkpoint/published-config.ts';
import { readConfig } from '../model/families/index.ts';
import { memoryOf } from './memory.ts';

test('what a LoRA run beside four bits takes is told within a tenth of what was measured', () => {
  // npm run bench:lora on lavapipe: ModernBERT-base, rank 8, two rows of 128; all at once, and with --memory 500.
  const { arch } = readConfig(publishedConfig(PUBLISHED.base));
  const told = (blocks: number) => {
    const run = { rows: 2, blocks, length: 128 };
    const { base, learning, work } = memoryOf(arch, new Map(), run, { learns: 1_701_888, precision: 'int4' });
    expect(Math.abs(base / 101_993_472 - 1)).toBeLessThan(0.05);
    return base + learning + work;
  };
  expect(Math.abs(told(1) / (1107 * 2 ** 20) - 1)).toBeLessThan(0.1);
  expect(Math.abs(told(2) / (679 * 2 ** 20) - 1)).toBeLessThan(0.1);
  const whole = memoryOf(arch, new Map(), { rows: 2, blocks: 1, length: 128 });
  expect(whole.base).toBe(0);
  expect(whole.learning).toBe(6 * 4 * 149_655_232);
});
