/** tfjs on Dawn, for tests. */
import { env } from '@tensorflow/tfjs-core';
import { afterAll } from 'vitest';
import { getGpu } from '../../node/dawn.ts';
import { adoptWebGpu } from '../webgpu-backend.ts';

/** Makes WebGPU the current backend of tfjs; small tensors go to the card, too. The device closes with the tests. */
export async function tfjsOnWebGpu(): Promise<GPUDevice> {
  const gpu = await getGpu({ zeroWorkgroups: true });
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error('No adapter.');
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage },
  });
  device.addEventListener('uncapturederror', ({ error }) => {
    throw new Error(error.message);
  });
  await adoptWebGpu(device);
  env().set('WEBGPU_CPU_FORWARD', false);
  afterAll(() => device.destroy());
  return device;
}
