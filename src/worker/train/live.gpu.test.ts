/** The engine with the weights of a run that is learning on the same device. */
import { expect, test, vi } from 'vitest';
import { getGpu } from '../../cli/dawn.ts';
import { openDevice } from '../../engine/device.ts';
import { Engine } from '../../engine/engine.ts';
import { openGradients } from '../../training/testing/gradients.ts';
import { Trainable } from '../../training/trainable.ts';
import { adoptWebGpu } from '../../training/webgpu-backend.ts';

const gpu = await getGpu({ zeroWorkgroups: true });
Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });

test.each(['tied', 'causal'] as const)(
  'after each step the engine answers as the network that learns: %s',
  async (name) => {
    const device = await openDevice(gpu);
    await adoptWebGpu(device.gpu);
    const { config, weights, question, adamw } = await openGradients(name);
    const trainable = await Trainable.create(config, weights);
    const onCard = trainable.cardWeights();
    if (onCard === undefined) throw new Error('The trainer is not on the card.');
    const engine = await Engine.create(device, { config, weights: onCard });
    const ids = question.inputs.slice(0, question.length);
    const row = question.length - 2;
    const everyToken = Int32Array.from({ length: config.vocabSize }, (_, id) => id);
    const scored = new Int32Array(config.vocabSize).fill(row);
    const asked = {
      inputs: ids,
      length: ids.length,
      scored,
      targets: everyToken,
      weights: new Float32Array(scored.length),
    };

    const writes = vi.spyOn(device.gpu.queue, 'writeBuffer');
    const reads = vi.spyOn(GPUBuffer.prototype, 'mapAsync');
    for (let step = 0; step < 2; step++) {
      await trainable.step(question, adamw);
      const [written, read] = [writes.mock.calls.length, reads.mock.calls.length];
      await engine.refresh();
      // Nothing comes to the processor or leaves it.
      expect([writes.mock.calls.length, reads.mock.calls.length]).toEqual([written, read]);
      const logits = (await engine.logits(ids)).subarray(row * config.vocabSize, (row + 1) * config.vocabSize);
      const most = Math.max(...logits);
      const logSum = most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
      const learnt = await trainable.crossEntropy(asked);
      for (const [id, crossEntropy] of learnt.entries()) {
        expect(Math.abs((logits[id] as number) - logSum + crossEntropy)).toBeLessThan(5e-5);
      }
    }
    engine.destroy();
    trainable.dispose();
    device.gpu.destroy();
    vi.restoreAllMocks();
  },
);
