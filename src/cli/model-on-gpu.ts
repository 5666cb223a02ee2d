/** A network on the WebGPU engine under Node: what `generate` and `forward` both need. */
import type { ModelConfig, Weights } from '../checkpoint/model.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { openDevice } from '../engine/device.ts';
import { Engine } from '../engine/engine.ts';
import { getGpu } from './dawn.ts';
import type { StatusLine } from './program.ts';

export interface OnGpu {
  readonly engine: Engine;
  /** The adapter's name. */
  readonly device: string;
  close(): void;
}

/** Puts a network on Node's GPU. Throws `UnmaskError`: device, or what reading its weights throws. */
export async function putOnGpu(
  network: { readonly config: ModelConfig; readonly weights: Weights },
  status: StatusLine,
): Promise<OnGpu> {
  status.show('opening the graphics device');
  const gpu = await getGpu().catch((cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UnmaskError({ code: 'device', message, remedy: '' }, { cause });
  });
  const device = await openDevice(gpu);
  status.show(`loading the weights onto ${device.description}`);
  const engine = await Engine.create(device, network);
  return {
    engine,
    device: device.description,
    close() {
      engine.destroy();
      device.gpu.destroy();
    },
  };
}
