/** The engine with the weights of a run that is learning on the same device. */
import { expect, test, vi } from 'vitest';
import { openDevice } from '../../engine/device.ts';
import { getGpu } from '../../node/dawn.ts';
import { openGradients } from '../../training/testing/gradients.ts';
import { Trainable } from '../../training/trainable.ts';
import { adoptWebGpu } from '../../training/webgpu-backend.ts';
import { LiveRun } from './live.ts';

const gpu = await getGpu({ zeroWorkgroups: true });
Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });

test('the engine answers as the network that learns, and without it as it was last', async () => {
  const device = await openDevice(gpu);
  await adoptWebGpu(device.gpu);
  const { arch, weights, question, adamw } = await openGradients('tied');
  const trainable = await Trainable.create(arch, weights);
  const live = new LiveRun(trainable, 'tied', 0);
  let users = 0;
  const borrow = async () => {
    users++;
    return { device, giveBack: () => void users-- };
  };
  expect(await live.open('fallback', borrow)).toBeUndefined();
  const backend = await live.open('auto', borrow);
  const engine = backend?.engine;
  if (engine === undefined) throw new Error('The trainer is not on the card.');

  const ids = question.inputs.slice(0, question.length);
  const row = question.length - 2;
  const { vocab: vocabSize } = arch;
  const targets = Int32Array.from({ length: vocabSize }, (_, id) => id);
  const scored = new Int32Array(vocabSize).fill(row);
  const asked = { inputs: ids, length: ids.length, scored, targets, weights: new Float32Array(vocabSize) };
  const logProbs = async () => {
    const logits = (await engine.logits(ids)).subarray(row * vocabSize, (row + 1) * vocabSize);
    const most = Math.max(...logits);
    const logSum = most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
    return logits.map((logit) => logit - logSum);
  };

  const writes = vi.spyOn(device.gpu.queue, 'writeBuffer');
  const reads = vi.spyOn(GPUBuffer.prototype, 'mapAsync');
  for (let step = 0; step < 2; step++) {
    await trainable.step(question, adamw);
    const before = [writes.mock.calls.length, reads.mock.calls.length];
    await backend?.refresh?.();
    // Nothing comes to the processor or leaves it.
    expect([writes.mock.calls.length, reads.mock.calls.length]).toEqual(before);
    const given = await logProbs();
    for (const [id, crossEntropy] of (await trainable.crossEntropy(asked)).entries()) {
      expect(Math.abs((given[id] as number) + crossEntropy)).toBeLessThan(5e-5);
    }
  }

  // The model in use outlives the run, with its last weights.
  await trainable.step(question, adamw);
  const last = await trainable.crossEntropy(asked);
  await live.end();
  trainable.dispose();
  await backend?.refresh?.();
  const given = await logProbs();
  for (const [id, crossEntropy] of last.entries()) {
    expect(Math.abs((given[id] as number) + crossEntropy)).toBeLessThan(5e-5);
  }
  backend?.dispose();
  expect(users).toBe(0);
  device.gpu.destroy();
  vi.restoreAllMocks();
});
