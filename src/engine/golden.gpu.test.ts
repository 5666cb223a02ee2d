/** The whole engine against logits that another program computed (src/engine/golden). */
import { describe, expect, test } from 'vitest';
import { Engine } from './engine.ts';
import { GOLDEN, openGolden } from './testing/golden.ts';
import { testDevice } from './testing/gpu.ts';

const device = await testDevice();

describe('logits', () => {
  test.each(GOLDEN)('of %s are those of PyTorch', async (name) => {
    const golden = await openGolden(name);
    const engine = await Engine.create(device, golden);
    const { vocabSize } = golden.config;
    const logits = await engine.logits(golden.ids);
    expect(logits.length).toBe(golden.ids.length * vocabSize);
    let worst = 0;
    golden.rows.forEach((row, i) => {
      (golden.logits[i] as readonly number[]).forEach((want, id) => {
        worst = Math.max(worst, Math.abs((logits[row * vocabSize + id] as number) - want));
      });
    });
    const all = golden.logits.flat();
    const range = Math.max(...all) - Math.min(...all);
    expect(worst / range).toBeLessThan(1e-5);
    engine.destroy();
  });
});
