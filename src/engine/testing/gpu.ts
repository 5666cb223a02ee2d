/**
 * A device for tests, under Node. SwiftShader compiles the zeroing of workgroup memory into one instruction per word,
 * seconds per kernel; our kernels write workgroup memory before they read it, so tests have Dawn leave it out.
 */
import { afterAll } from 'vitest';
import { create } from 'webgpu';
import { getGpu } from '../../cli/dawn.ts';
import { type EngineDevice, openDevice } from '../device.ts';

/** Opens a device that is closed when the file's tests are done. */
export async function testDevice(): Promise<EngineDevice> {
  const device = await openDevice(await testGpu());
  afterAll(() => device.gpu.destroy());
  return device;
}

let shared: GPU | undefined;

/** Kept for the life of the process: Dawn's devices do not survive their instance. */
export async function testGpu(): Promise<GPU> {
  await getGpu(); // finds a driver
  shared ??= create(['enable-dawn-features=allow_unsafe_apis,disable_workgroup_init']);
  return shared;
}
