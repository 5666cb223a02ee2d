/** What a training that has ended leaves on the card, while a model is in use on the same device. */
import { expect, test } from 'vitest';
import { memoryDisk } from '../../checkpoint/store/disk.ts';
import { Store } from '../../checkpoint/store/store.ts';
import { getGpu } from '../../node/dawn.ts';
import { defaultTrainSettings } from '../../training/train-settings.ts';
import { createCompute } from '../client.ts';
import { lineTo, onFallback, openTiny } from '../testing/surroundings.ts';
import { borrowDevice, openWebGpuBackend } from '../webgpu.ts';

/** A GPU that counts the bytes of buffers that are there. */
function counting(gpu: GPU): { readonly gpu: GPU; readonly bytes: () => number } {
  let bytes = 0;
  const requestDevice = async (adapter: GPUAdapter, descriptor?: GPUDeviceDescriptor) => {
    const device = await adapter.requestDevice(descriptor);
    const createBuffer = device.createBuffer.bind(device);
    device.createBuffer = (about) => {
      const buffer = createBuffer(about);
      const destroy = buffer.destroy.bind(buffer);
      let there = true;
      bytes += about.size;
      buffer.destroy = () => {
        if (there) bytes -= about.size;
        there = false;
        return destroy();
      };
      return buffer;
    };
    return device;
  };
  const counted = {
    async requestAdapter(options?: GPURequestAdapterOptions) {
      const adapter = await gpu.requestAdapter(options);
      if (adapter === null) return null;
      const { features, limits, info } = adapter;
      return { features, limits, info, requestDevice: (about?: GPUDeviceDescriptor) => requestDevice(adapter, about) };
    },
  } as unknown as GPU;
  return { gpu: counted, bytes: () => bytes };
}

test('buffers of a training that ended are freed', async () => {
  const { gpu, bytes } = counting(await getGpu({ zeroWorkgroups: true }));
  // tfjs looks here to see whether there is WebGPU at all.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  const store = new Store(memoryDisk());
  const compute = createCompute(() =>
    lineTo({
      ...onFallback,
      openModel: openTiny,
      store: async () => store,
      webgpu: (model, options) => openWebGpuBackend(gpu, model, options),
      device: () => borrowDevice(gpu),
    }),
  );
  await compute.load({ source: '', model: 'tiny', backend: 'webgpu' });
  const before = bytes();
  const text = Array.from({ length: 30 }, (_, i) => `Day ${i}: the cat sat by the river and was glad.`).join('\n\n');
  const settings = {
    ...defaultTrainSettings(),
    init: 'fresh',
    tokenizer: 'characters',
    size: 'tiny',
    steps: 2,
    batch: 2,
    length: 16,
    heldOut: 0.3,
    evalEvery: 0,
    sampleEvery: 0,
    saveEvery: 0,
  } as const;
  const begin = { name: 'cats', settings, data: { kind: 'text', text }, from: 'fresh' } as const;
  let most = 0;
  let steps = 0;
  for await (const { event } of compute.run('train', { run: 'a', begin, backend: 'webgpu' })) {
    most = Math.max(most, bytes());
    if (event.kind === 'step') steps++;
  }
  expect(steps).toBe(2);
  // A million float32 parameters, their gradients and moments, and the weights once more for the optimiser.
  expect(most - before).toBeGreaterThan(15e6);
  expect(bytes() - before).toBeLessThan(0.02 * (most - before));
  compute.dispose();
});
