/** A model from a folder on the WebGPU engine under Node: what `generate` and `forward` both begin with. */
import { basename } from 'node:path';
import type { Model } from '../checkpoint/model.ts';
import { openModel } from '../checkpoint/open.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { openDevice } from '../engine/device.ts';
import { Engine } from '../engine/engine.ts';
import { getGpu } from './dawn.ts';
import { folderSource } from './node-folder.ts';
import type { StatusLine } from './program.ts';

/** Opens and checks the model's files. Throws `UnmaskError`: checkpoint or tokenizer. */
export async function readModel(folder: string, status: StatusLine): Promise<Model> {
  status.show(`reading ${folder}`);
  return openModel(await folderSource(folder), { id: basename(folder) });
}

export interface OnGpu {
  readonly engine: Engine;
  /** The adapter's name. */
  readonly device: string;
  close(): void;
}

/** Puts the model on Node's GPU. Throws `UnmaskError` code `device`. */
export async function putOnGpu(model: Model, status: StatusLine): Promise<OnGpu> {
  status.show('opening the graphics device');
  const gpu = await getGpu().catch((cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UnmaskError({ code: 'device', message, remedy: '' }, { cause });
  });
  const device = await openDevice(gpu);
  status.show(`loading ${model.id} onto ${device.description}`);
  const engine = await Engine.create(device, model);
  return {
    engine,
    device: device.description,
    close() {
      engine.destroy();
      device.gpu.destroy();
    },
  };
}
