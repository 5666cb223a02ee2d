/** What the page can learn about its device: facts and a profile, also where the model runs on something else. */
import { beforeAll, expect, test } from 'vitest';
import { getGpu } from '../node/dawn.ts';
import { createCompute } from './client.ts';
import type { BackendChoice, DeviceFacts, Profile } from './protocol.ts';
import { lineTo, onFallback, openTiny } from './testing/surroundings.ts';
import { borrowDevice, openWebGpuBackend } from './webgpu.ts';

let gpu: GPU;
beforeAll(async () => {
  gpu = await getGpu();
});

async function open(backend: BackendChoice, here: GPU | null = gpu) {
  const compute = createCompute(() =>
    lineTo({
      ...onFallback,
      openModel: openTiny,
      webgpu: (model, options) => openWebGpuBackend(here ?? undefined, model, options),
      device: () => borrowDevice(here ?? undefined),
    }),
  );
  const model = await compute.load({ source: '', model: 'tiny', backend });
  return { compute, model };
}

async function profiled(compute: Awaited<ReturnType<typeof open>>['compute']): Promise<Profile | undefined> {
  let profile: Profile | undefined;
  for await (const event of compute.run('profile', { length: 10 })) profile = event.profile;
  return profile;
}

async function inspected(compute: Awaited<ReturnType<typeof open>>['compute']): Promise<DeviceFacts | undefined> {
  let facts: DeviceFacts | undefined;
  for await (const event of compute.run('inspect', {})) facts = event.facts;
  return facts;
}

test('on WebGPU: facts, memory, tiles, and the time of every kernel of the model in use', async () => {
  const { compute, model } = await open('webgpu');
  const profile = await profiled(compute);
  expect(profile).toMatchObject({ model: 'tiny', length: 10, software: true, kernels: model.device.kernels });
  expect(profile?.step).toBeGreaterThan(0);
  const names = profile?.times?.map(({ name }) => name) ?? [];
  expect(names).toEqual(expect.arrayContaining(['embed', 'attention', 'norm + qkv', 'decode', 'merge']));
  for (const { milliseconds } of profile?.times ?? []) expect(milliseconds).toBeGreaterThanOrEqual(0);

  const facts = await inspected(compute);
  expect(facts?.features).toContain('timestamp-query');
  expect(facts?.limits['maxStorageBufferBindingSize']).toBeGreaterThan(2 ** 26);
  expect(facts?.model?.memory.model).toBeGreaterThan(100_000);
  // One for the profile, one for the pass that loading measures.
  expect(facts?.model?.choices).toContainEqual({ rows: 16, measured: false, tiles: expect.any(Object) });
  compute.dispose();
});

test('on the fallback: the same from an engine made for the purpose, and gone afterwards', async () => {
  const { compute, model } = await open('fallback');
  expect(model.device.kernels).toBeUndefined();
  expect((await profiled(compute))?.times?.length).toBeGreaterThan(8);
  expect(await inspected(compute)).toMatchObject({ software: true, model: undefined });
  compute.dispose();
});

test('a device that is lost in mid-profile is no failure: the profile is made on another', async () => {
  const devices: GPUDevice[] = [];
  const watched = {
    async requestAdapter(options?: GPURequestAdapterOptions) {
      const adapter = await gpu.requestAdapter(options);
      if (adapter === null) return null;
      const { features, limits, info } = adapter;
      const requestDevice = async (descriptor?: GPUDeviceDescriptor) => {
        const device = await adapter.requestDevice(descriptor);
        devices.push(device);
        return device;
      };
      return { features, limits, info, requestDevice };
    },
  } as unknown as GPU;
  const { compute } = await open('webgpu', watched);
  const profile = profiled(compute);
  setTimeout(() => devices[0]?.destroy(), 0);
  expect((await profile)?.step).toBeGreaterThan(0);
  expect(devices).toHaveLength(2);
  compute.dispose();
});

test('without an adapter there are no facts, and a profile says why not', async () => {
  const { compute } = await open('fallback', null);
  expect(await inspected(compute)).toBeUndefined();
  await expect(profiled(compute)).rejects.toMatchObject({ code: 'device' });
  compute.dispose();
});
