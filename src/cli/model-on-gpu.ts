/** A network on the WebGPU engine under Node, opened as the page opens it. */
import type { Model } from '../checkpoint/model.ts';
import type { PrecisionOptions } from '../checkpoint/precision.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { NoAdapterError } from '../engine/device.ts';
import type { Engine } from '../engine/engine.ts';
import { getGpu } from '../node/dawn.ts';
import { openWebGpuBackend } from '../worker/webgpu.ts';
import type { StatusLine } from './program.ts';

export interface OnGpu {
  readonly engine: Engine;
  /** The adapter's name. */
  readonly device: string;
  close(): void;
}

/** Puts a network on Node's GPU. Throws `UnmaskError`: device, or what reading its weights throws. */
export async function putOnGpu(
  network: Pick<Model, 'arch' | 'weights'>,
  status: StatusLine,
  bits: PrecisionOptions = {},
): Promise<OnGpu> {
  status.show('opening the graphics device');
  const gpu = await getGpu().catch((cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UnmaskError({ code: 'device', message, remedy: '' }, { cause });
  });
  status.show('loading the weights onto the graphics device');
  const backend = await openWebGpuBackend(gpu, network, bits);
  if (!backend) throw new NoAdapterError('WebGPU found no graphics adapter.');
  return { engine: backend.engine, device: backend.device, close: () => backend.dispose() };
}
