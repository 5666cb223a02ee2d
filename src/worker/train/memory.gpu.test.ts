/** What a training takes of the card and leaves there, while a model is in use on the same device. */
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

test('buffers of a training that ended are freed; the base of an adapter lies on the card once', async () => {
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

  let key = '';
  for await (const event of compute.run('keepRun', { run: 'a' })) key = event.key;
  const from = { stored: key };
  /** What an adapter's step takes beside the stored weights, while the model in use has them in this precision. */
  async function beside(precision: 'stored' | 'int8') {
    const { parameters } = await compute.load({ source: from, model: 'cats', backend: 'webgpu', precision });
    const alone = bytes();
    const low = { ...settings, steps: 1, init: 'cats', adapter: 'lora', rank: 2, alpha: 4, bits: 'stored' } as const;
    const adapter = { name: precision, settings: low, data: begin.data, from };
    let taken = 0;
    for await (const { event } of compute.run('train', { run: precision, begin: adapter, backend: 'webgpu' }))
      if (event.kind === 'step') taken = bytes() - alone;
    expect(bytes()).toBe(alone);
    return { taken, weights: 4 * parameters };
  }
  const together = await beside('stored');
  const apart = await beside('int8');
  const saved = (apart.taken - together.taken) / together.weights;
  // A little more than the weights: on the card matrices are filled up to whole panels.
  expect(saved).toBeGreaterThan(1);
  expect(saved).toBeLessThan(1.1);
  compute.dispose();
});
