/** A device for tests, under Node. */
import { getGpu } from '../../node/dawn.ts';
import { type EngineDevice, openDevice } from '../device.ts';

let shared: Promise<EngineDevice> | undefined;

/**
 * The process's one device, open for its life: the tests of the engine share it, and with it what it has compiled, which
 * on a software adapter is most of their time. A test that counts what is compiled, or loses its device, opens its own.
 */
export function testDevice(): Promise<EngineDevice> {
  shared ??= getGpu().then(openDevice);
  return shared;
}
