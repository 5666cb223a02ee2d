/** A device for tests, under Node. */
import { afterAll } from 'vitest';
import { getGpu } from '../../node/dawn.ts';
import { type EngineDevice, openDevice } from '../device.ts';

/** Opens a device that is closed when the file's tests are done. */
export async function testDevice(): Promise<EngineDevice> {
  const device = await openDevice(await getGpu());
  afterAll(() => device.gpu.destroy());
  return device;
}
