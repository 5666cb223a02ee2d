import { expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { logProb } from '../diffusion/decode.ts';
import { Engine } from './engine.ts';
import { testDevice } from './testing/gpu.ts';

test('the engine scores given tokens as PyTorch does, over more rows than one piece, after one forward pass', async () => {
  const { ids, rows, logits, ...network } = await openGolden('long');
  const engine = await Engine.create(await testDevice(), network);
  const slots = Int32Array.from(rows);
  const targets = Int32Array.from(slots, (slot) => (7 * slot) % engine.info.vocabSize);
  const suppress = [4];
  const [found] = (await engine.score([{ ids, asked: slots }], [targets], { suppress })) as [Float32Array];
  expect(slots.at(-1)).toBeGreaterThan(64);
  slots.forEach((_, m) => {
    expect(
      Math.abs((found[m] as number) - logProb(logits[m] as number[], targets[m] as number, suppress)),
    ).toBeLessThan(2e-3);
  });
  expect(engine.forwardCount).toBe(1);
  engine.destroy();
});
