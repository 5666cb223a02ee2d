import { describe, expect, test } from 'vitest';
import type { AdamW } from './adamw.ts';
import { tfjsOnWebGpu } from './testing/gpu.ts';
import { GRADIENTS, openGradients, worstOf } from './testing/gradients.ts';
import { Trainable } from './trainable.ts';

await tfjsOnWebGpu();

/** No clipping, no decay, no memory: the first moment after one step is the gradient itself. */
const BARE: AdamW = { lr: 0, weightDecay: 0, beta1: 0, beta2: 0, eps: 1, clip: 0 };

describe.each(GRADIENTS)('%s', (name) => {
  test('loss and gradients are those of PyTorch', async () => {
    const golden = await openGradients(name);
    const model = await Trainable.create(golden.config, golden.weights);
    expect(model.backend).toBe('webgpu');
    const { loss, gradNorm } = await model.step(golden.question, BARE);
    expect(Math.abs(loss / (golden.losses[0] as number) - 1)).toBeLessThan(1e-5);
    expect(Math.abs(gradNorm / (golden.gradNorms[0] as number) - 1)).toBeLessThan(1e-5);
    expect(worstOf((await model.optimiserState()).first, golden.gradients)).toBeLessThan(1e-4);
    model.dispose();
  });

  test('three steps of AdamW with clipping are those of PyTorch', async () => {
    const golden = await openGradients(name);
    const model = await Trainable.create(golden.config, golden.weights);
    for (let step = 0; step < 3; step++) {
      const { loss, gradNorm } = await model.step(golden.question, golden.adamw);
      expect(Math.abs(loss / (golden.losses[step] as number) - 1)).toBeLessThan(1e-4);
      expect(Math.abs(gradNorm / (golden.gradNorms[step] as number) - 1)).toBeLessThan(1e-3);
    }
    expect(worstOf(await model.weights(), golden.stepped)).toBeLessThan(1e-3);
    model.dispose();
  });
});

test('the same steps give the same losses and weights, to the bit, also after a pause', async () => {
  const { config, weights, question, adamw } = await openGradients('tied');
  const one = await Trainable.create(config, weights);
  for (let step = 0; step < 2; step++) await one.step(question, adamw);
  const kept = await one.weights();
  const resumed = await Trainable.create(config, {
    ...weights,
    read: async (name) => new Uint8Array((kept.get(name) as Float32Array<ArrayBuffer>).slice().buffer),
  });
  resumed.restore(await one.optimiserState());
  for (let step = 0; step < 3; step++) {
    expect(await resumed.step(question, adamw)).toEqual(await one.step(question, adamw));
  }
  expect(await resumed.weights()).toEqual(await one.weights());
  one.dispose();
  resumed.dispose();
});

test('steps leave the number of tensors and the memory of the card as they were', async () => {
  const { config, weights, question, adamw } = await openGradients('tied');
  const model = await Trainable.create(config, weights);
  for (let step = 0; step < 2; step++) await model.step(question, adamw);
  const before = model.memory;
  for (let step = 0; step < 20; step++) await model.step(question, adamw);
  expect(model.memory).toEqual(before);
  model.dispose();
});

test('a loss that is not a number leaves the weights as they are', async () => {
  const { config, weights, question, adamw } = await openGradients('tied');
  const model = await Trainable.create(config, weights);
  const before = await model.weights();
  const { loss } = await model.step({ ...question, weights: question.weights.map(() => Number.NaN) }, adamw);
  expect(loss).toBeNaN();
  expect(await model.weights()).toEqual(before);
  model.dispose();
});
