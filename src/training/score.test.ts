import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { logProb } from '../diffusion/decode.ts';
import { FallbackNetwork } from './fallback-network.ts';

test('the fallback scores given tokens as PyTorch does, over more rows than one piece', async () => {
  await setBackend('wasm');
  const { ids, rows, logits, ...model } = await openGolden('long');
  const network = await FallbackNetwork.create(model);
  const slots = Int32Array.from(rows);
  const targets = Int32Array.from(slots, (slot) => (7 * slot) % network.info.vocabSize);
  const suppress = [4];
  const [found] = (await network.score([{ ids, asked: slots }], [targets], { suppress })) as [Float32Array];
  expect(slots.at(-1)).toBeGreaterThan(64);
  slots.forEach((_, m) => {
    expect(
      Math.abs((found[m] as number) - logProb(logits[m] as number[], targets[m] as number, suppress)),
    ).toBeLessThan(2e-4);
  });
  network.dispose();
});
