import { expect, test } from 'vitest';
import { testEditGradients } from './testing/edits.ts';
import { tfjsOnWebGpu } from './testing/gpu.ts';
import { expectNothingLeft, GRADIENTS, openGradients, testAgainstPyTorch } from './testing/gradients.ts';
import { Trainable } from './trainable.ts';

await tfjsOnWebGpu();

testAgainstPyTorch(async () => undefined, { stepping: GRADIENTS });

testEditGradients(async () => undefined);

test('the same steps give the same losses and weights, to the bit, also after a pause', async () => {
  const { arch, weights, question, adamw } = await openGradients('tied');
  const one = await Trainable.create(arch, weights);
  for (let step = 0; step < 2; step++) await one.step(question, adamw);
  const kept = await one.weights();
  const resumed = await Trainable.create(arch, {
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

test('steps leave the number of tensors and the memory of the card as they were after twenty', async () => {
  await expectNothingLeft(30);
});

test('a loss that is not a number leaves the weights as they are', async () => {
  const { arch, weights, question, adamw } = await openGradients('tied');
  const model = await Trainable.create(arch, weights);
  const before = await model.weights();
  const { loss } = await model.step({ ...question, weights: question.weights.map(() => Number.NaN) }, adamw);
  expect(loss).toBeNaN();
  expect(await model.weights()).toEqual(before);
  model.dispose();
});
