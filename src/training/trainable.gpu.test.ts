import { expect, test, vi } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import { device } from './kernels/run.ts';
import { testEditGradients } from './testing/edits.ts';
import { tfjsOnWebGpu } from './testing/gpu.ts';
import { BARE, expectNothingLeft, GRADIENTS, openGradients, testAgainstPyTorch, worstOf } from './testing/gradients.ts';
import { Trainable } from './trainable.ts';
import { freeUnusedBuffers } from './webgpu-backend.ts';

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
  await expectNothingLeft(50);
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

test('a step that the card has no room for is made in smaller parts, and said to be too large when none fits', async () => {
  const { arch, weights, question } = await openGradients('tied');
  const gpu = device();
  const make = gpu.createBuffer.bind(gpu);
  /** Bytes of buffers that are there, the most there were, and what the card pretends to have. */
  const card = { bytes: 0, peak: 0, most: Number.POSITIVE_INFINITY };
  vi.spyOn(gpu, 'createBuffer').mockImplementation((about) => {
    // A card that is full refuses a tensor's buffer as it refuses one that is larger than it allows.
    const isTensor = (about.usage & GPUBufferUsage.STORAGE) !== 0 && !about.mappedAtCreation;
    if (isTensor && card.bytes + about.size > card.most) return make({ size: 2 ** 40, usage: about.usage });
    const buffer = make(about);
    card.bytes += about.size;
    card.peak = Math.max(card.peak, card.bytes);
    const destroy = buffer.destroy.bind(buffer);
    let there = true;
    buffer.destroy = () => {
      if (there) card.bytes -= about.size;
      there = false;
      return destroy();
    };
    return buffer;
  });
  const stepIn = async (room: number) => {
    freeUnusedBuffers();
    const model = await Trainable.create(arch, weights);
    card.peak = card.bytes;
    card.most = card.bytes + room;
    const begin = card.bytes;
    try {
      const { loss } = await model.step(question, BARE);
      card.most = Number.POSITIVE_INFINITY;
      return { loss, gradients: (await model.optimiserState()).first, fit: model.fit, took: card.peak - begin };
    } finally {
      card.most = Number.POSITIVE_INFINITY;
      model.dispose();
    }
  };
  const whole = await stepIn(Number.POSITIVE_INFINITY);
  const parts = await stepIn(Math.floor(0.8 * whole.took));
  expect(parts.fit.blocks).toBeGreaterThan(1);
  expect(parts.took).toBeLessThan(0.8 * whole.took);
  expect(Math.abs(parts.loss / whole.loss - 1)).toBeLessThan(1e-6);
  expect(worstOf(parts.gradients, whole.gradients)).toBeLessThan(2e-6);
  const error = await stepIn(1000).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(UnmaskError);
  expect((error as UnmaskError).message).toContain('does not fit into memory');
  vi.restoreAllMocks();
});
