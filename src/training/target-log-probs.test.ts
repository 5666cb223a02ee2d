import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { logProb } from '../diffusion/target-log-probs.ts';
import { FallbackDenoiser } from './fallback-denoiser.ts';

test('the fallback scores given tokens as PyTorch does, over more rows than one piece', async () => {
  await setBackend('wasm');
  const { ids, rows, logits, ...model } = await openGolden('long');
  const denoiser = await FallbackDenoiser.create(model);
  const slots = Int32Array.from(rows);
  const targets = Int32Array.from(slots, (slot) => (7 * slot) % denoiser.vocabSize);
  const suppress = [4];
  const found = await denoiser.targetLogProbs({ ids, slots, targets, suppress });
  expect(slots.at(-1)).toBeGreaterThan(64);
  slots.forEach((_, m) => {
    expect(
      Math.abs((found[m] as number) - logProb(logits[m] as number[], targets[m] as number, suppress)),
    ).toBeLessThan(2e-4);
  });
  denoiser.dispose();
});
