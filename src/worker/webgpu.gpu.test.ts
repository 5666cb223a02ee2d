import { beforeAll, expect, test } from 'vitest';
import { writtenIdsIn, writtenSlotsIn } from '../diffusion/ops.ts';
import { SETTING_NAMES, SETTINGS, type Settings } from '../diffusion/settings.ts';
import type { Step } from '../diffusion/trace.ts';
import { getGpu } from '../node/dawn.ts';
import { english } from '../text/said.ts';
import { createCompute } from './client.ts';
import { lineTo, onFallback, openTiny } from './testing/surroundings.ts';
import { borrowDevice, openWebGpuBackend } from './webgpu.ts';

const surroundings = { ...onFallback, openModel: openTiny };
const DEFAULTS = Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default])) as unknown as Settings;
const settings: Settings = { ...DEFAULTS, prompt: '<9><30><12>', length: 10, steps: 5, temperature: 1 };

let gpu: GPU;
beforeAll(async () => {
  gpu = await getGpu();
});

/** A client whose session runs on Dawn; `devices` are those it opened. */
function computeOnDawn() {
  const devices: GPUDevice[] = [];
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
  const compute = createCompute(() =>
    lineTo({ ...surroundings, webgpu: (model, options) => openWebGpuBackend(watched, model, options) }),
  );
  return { compute, devices };
}

async function run(compute: ReturnType<typeof createCompute>, onStep?: (step: Step) => void): Promise<number[][]> {
  const written: number[][] = [];
  for await (const event of compute.generate({ settings })) {
    if (event.kind !== 'step') continue;
    written.push([...writtenSlotsIn(event.step), ...writtenIdsIn(event.step)]);
    onStep?.(event.step);
  }
  return written;
}

test('WebGPU and the fallback write the same text, and a run outlives the loss of its device', async () => {
  const fallback = createCompute(() => lineTo(surroundings));
  await fallback.load({ source: '', model: 'tiny', backend: 'fallback' });
  const expected = await run(fallback);
  fallback.dispose();

  const { compute, devices } = computeOnDawn();
  const messages: string[] = [];
  compute.onRecovering = (message) => messages.push(english(message));
  const { device } = await compute.load({ source: '', model: 'tiny', backend: 'webgpu' });
  expect(device.backend).toBe('webgpu');
  const written = await run(compute, ({ index }) => {
    if (index === 2) devices.at(-1)?.destroy();
  });
  expect(written).toEqual(expected);
  expect(messages).toEqual([expect.stringContaining('The model is being loaded again')]);
  expect(devices).toHaveLength(2);

  // Lost between two runs: the next run starts on a new device.
  devices.at(-1)?.destroy();
  expect(await run(compute)).toEqual(expected);
  expect(devices).toHaveLength(3);
  compute.dispose();
});

test('a device that is lost while the weights load, twice, is no verdict: the model loads on the third', async () => {
  const { compute, devices } = computeOnDawn();
  const messages: string[] = [];
  compute.onRecovering = (message) => messages.push(english(message));
  const stages: string[] = [];
  const { device } = await compute.load({ source: '', model: 'tiny', backend: 'webgpu' }, ({ stage }) => {
    stages.push(stage);
    if (stage === 'upload' && devices.length < 3) devices.at(-1)?.destroy();
  });
  expect(device.backend).toBe('webgpu');
  expect(devices).toHaveLength(3);
  expect(messages).toEqual(Array(2).fill(expect.stringContaining('The model is being loaded again')));
  expect((await run(compute)).length).toBeGreaterThan(0);
  compute.dispose();
});

test('a load that is superseded leaves no device behind', async () => {
  const { compute, devices } = computeOnDawn();
  const first = compute.load({ source: '', model: 'tiny', backend: 'webgpu' });
  const second = compute.load({ source: '', model: 'second', backend: 'webgpu' });
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  expect((await second).id).toBe('second');
  const lost = Promise.all(devices.map((device) => device.lost));
  compute.dispose();
  await lost;
});

test('without an adapter there is nothing to open', async () => {
  const none = { requestAdapter: async () => null } as unknown as GPU;
  const { signal } = new AbortController();
  const model = await openTiny('', { id: 'tiny', signal, onProgress: () => undefined });
  expect(await openWebGpuBackend(none, model, {})).toBeUndefined();
  expect(await openWebGpuBackend(undefined, model, {})).toBeUndefined();
});

test('an adapter that is missing for a moment, as while the graphics process starts anew, is asked for again', async () => {
  let asked = 0;
  const later = { requestAdapter: async () => (asked++ === 0 ? null : gpu.requestAdapter()) } as unknown as GPU;
  const borrowed = await borrowDevice(later);
  expect(borrowed?.device.description).toBeTruthy();
  borrowed?.giveBack();
});
