import { beforeAll, expect, test } from 'vitest';
import type { Model } from '../checkpoint/model.ts';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { defaultSettings, type Settings } from '../diffusion/settings.ts';
import { getGpu } from '../node/dawn.ts';
import { createCompute } from './client.ts';
import type { BackendChoice, Compute } from './protocol.ts';
import type { Surroundings } from './session.ts';
import { lineTo, onFallback, openTiny } from './testing/surroundings.ts';
import { openWebGpuBackend } from './webgpu.ts';

const settings: Settings = { ...defaultSettings(), prompt: '<9><30><12>', length: 9, steps: 5, block: 0 };

let gpu: GPU;
let devices: GPUDevice[];
beforeAll(async () => {
  gpu = await getGpu();
  devices = [];
});

/** The same GPU, with a list of the devices it gave. */
const watched = {
  async requestAdapter(options?: GPURequestAdapterOptions) {
    const adapter = await gpu.requestAdapter(options);
    if (adapter === null) return null;
    const requestDevice = async (descriptor?: GPUDeviceDescriptor) => {
      const device = await adapter.requestDevice(descriptor);
      devices.push(device);
      return device;
    };
    const { features, limits, info } = adapter;
    return { features, limits, info, requestDevice };
  },
} as unknown as GPU;

const surroundings: Surroundings = {
  ...onFallback,
  async openModel(url, options): Promise<Model> {
    const tiny = await openTiny(url, options);
    return url === 'twin' ? { ...tiny, ...(await openGolden('decoder')) } : tiny;
  },
  webgpu: (model, options) => openWebGpuBackend(watched, model, options),
};

async function race(compute: Compute, backend: BackendChoice): Promise<readonly (readonly number[])[]> {
  await compute.load({ source: 'main', model: 'main', backend });
  await compute.load({ source: 'twin', model: 'twin', backend, role: 'judge' });
  return again(compute);
}

async function again(compute: Compute): Promise<readonly (readonly number[])[]> {
  const texts: (readonly number[])[] = [];
  const runs = (['append', 'set'] as const).map((writer) => ({ writer, settings }));
  for await (const event of compute.run('compare', { runs, steps: true, judge: true })) {
    if (event.kind === 'written')
      texts.push(
        event.result.ids,
        event.result.logProbs.map((logProb) => Math.round(logProb * 100)),
      );
  }
  return texts;
}

test('both twins write the same on WebGPU as in the fallback, on one device, and outlive it together', async () => {
  const fallback = createCompute(() => lineTo(surroundings));
  const expected = await race(fallback, 'fallback');
  fallback.dispose();
  expect(expected.map((text) => text.length > 0)).toEqual([true, true, true, true]);

  const compute = createCompute(() => lineTo(surroundings));
  expect(await race(compute, 'webgpu')).toEqual(expected);
  expect(devices).toHaveLength(1);
  devices[0]?.destroy();
  expect(await again(compute)).toEqual(expected);
  expect(devices).toHaveLength(2);
  compute.dispose();
  expect((await devices[1]?.lost)?.reason).toBe('destroyed');
});
