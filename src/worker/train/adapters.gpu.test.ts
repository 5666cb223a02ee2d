/** Adapters on WebGPU: low ranks beside weights that the engine has packed, which are opened where they are used. */
import { tensor2d } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { Weights } from '../../checkpoint/model.ts';
import { PackedBase } from '../../engine/base.ts';
import { openDevice } from '../../engine/device.ts';
import { getGpu } from '../../node/dawn.ts';
import { freezing } from '../../training/frozen.ts';
import { crossEntropyWithin } from '../../training/kernels/cross-entropy.ts';
import { freezingPacked } from '../../training/kernels/open.ts';
import type { Frozen } from '../../training/parameters.ts';
import { farthest, openGoldenAdapter } from '../../training/testing/adapters.ts';
import { BARE, worstOf } from '../../training/testing/gradients.ts';
import { Trainable } from '../../training/trainable.ts';
import { adoptWebGpu } from '../../training/webgpu-backend.ts';

const gpu = await getGpu({ zeroWorkgroups: true });
Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
const device = await openDevice(gpu);
await adoptWebGpu(device.gpu);

test.each(['modernbert', 'bert', 'qwen3'] as const)('loss and gradients are those of PEFT: %s', async (name) => {
  const { base, adapter, start, losses, gradients } = await openGoldenAdapter(name);
  const packed = await PackedBase.create(device, base);
  const frozen = await freezingPacked(base.arch, base.weights, packed);
  // Opened, every matrix is what the file holds, to the bit: heads are padded and rotary pairs turned on the card only.
  const plain = await freezing(base.arch, base.weights);
  for (const tensor of packed.packed.keys()) {
    const [one, other] = [frozen.get(tensor), plain.get(tensor)].map((each) => (each as { open(): Opened }).open());
    expect(await one?.data(), tensor).toEqual(await other?.data());
  }
  // A table is opened in parts, and the loss of it in parts is that of the whole.
  const table = frozen.get(base.arch.tied ? 'embeddings' : 'decoder') as Frozen;
  const whole = table.open();
  const width = whole.shape[1];
  const values = await whole.data();
  expect(await table.open(5, 9).data()).toEqual(values.slice(5 * width, 14 * width));
  const h = tensor2d(values.slice(width, 4 * width), [3, width]);
  const parts = [table, whole].map((each) => crossEntropyWithin(h, each, undefined, Int32Array.of(1, 2, 66), 1));
  expect(await parts[0]?.data()).toEqual(await parts[1]?.data());
  const plan = { places: adapter.lowRank, dropout: 0, seed: 1, start };
  const model = await Trainable.create(base.arch, base.weights, { adapter: plan, frozen });
  const { loss } = await model.step(base.question, BARE);
  expect(Math.abs(loss / (losses[0] as number) - 1)).toBeLessThan(1e-5);
  expect(worstOf((await model.optimiserState()).first, gradients)).toBeLessThan(1e-4);
  model.dispose();
  packed.destroy();
});

interface Opened {
  data(): Promise<unknown>;
}

test('beside eight bits a step is that of the same bits on the processor', async () => {
  const { base, adapter, start } = await openGoldenAdapter('modernbert');
  const packed = await PackedBase.create(device, base, { precision: 'int8' });
  const plan = { places: adapter.lowRank, dropout: 0, seed: 1, start };
  const lossOf = async (frozen: Awaited<ReturnType<typeof freezing>>, weights: Weights = base.weights) => {
    const model = await Trainable.create(base.arch, weights, { adapter: plan, frozen });
    const { loss } = await model.step(base.question, BARE);
    const gradients = (await model.optimiserState()).first;
    model.dispose();
    return { loss, gradients };
  };
  const card = await lossOf(await freezingPacked(base.arch, base.weights, packed));
  const processor = await lossOf(await freezing(base.arch, base.weights, { precision: 'int8' }));
  const exact = await lossOf(await freezing(base.arch, base.weights));
  expect(Math.abs(card.loss / processor.loss - 1)).toBeLessThan(1e-5);
  for (const [name, values] of processor.gradients) {
    expect(farthest(card.gradients.get(name) as Float32Array, values)).toBeLessThan(1e-4);
  }
  expect(Math.abs(card.loss / exact.loss - 1)).toBeGreaterThan(1e-4);
  packed.destroy();
});
