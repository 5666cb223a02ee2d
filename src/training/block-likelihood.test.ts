/** The two ways to score a text in blocks agree: masked and clean text side by side in one pass, and block after block. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { drawBlocks, measureBatch } from '../diffusion/likelihood.ts';
import { noisyAndClean } from './objectives/bd3lm.ts';
import { openGradients } from './testing/gradients.ts';
import { Trainable } from './trainable.ts';

test.each(['a2d-llama', 'tied'] as const)('%s', async (name) => {
  await setBackend('wasm');
  const { arch: stored, weights, question } = await openGradients(name);
  const arch = { ...stored, ids: { ...stored.ids, mask: stored.ids.mask ?? 0 } };
  const model = await Trainable.create(arch, weights);
  const ids = question.inputs.slice(0, 13).map((id) => (id === arch.ids.mask ? 5 : id));
  const { mask } = arch.ids;
  for (const block of [1, 5, 13]) {
    const [draws = []] = drawBlocks({ kind: 'count', times: 'independent' }, ids, mask, block, {
      size: 1,
      batch: 0,
      seed: 7,
    });
    const how = { block, keepMask: true };
    const one = await measureBatch(model.predictor(), ids, draws, undefined, how);
    const masked = draws.flatMap((draw) => [...draw.masked]);
    const noisy = ids.slice();
    for (const slot of masked) noisy[slot] = mask;
    const asked = noisyAndClean({ ids, length: ids.length, noisy, masked, weights: masked.map(() => 1) }, block);
    const both = await model.crossEntropy(asked);
    const sum = (values: Iterable<number>) => [...values].reduce((total, each) => total + each, 0);
    expect(sum(one.map(({ crossEntropy }) => crossEntropy))).toBeCloseTo(sum(both), 3);
  }
  model.dispose();
});
