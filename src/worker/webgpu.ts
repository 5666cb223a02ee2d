/** Our WebGPU engine as a `Backend`: one device, one model on it. */
import type { Model } from '../checkpoint/model.ts';
import { openDevice } from '../engine/device.ts';
import { Engine } from '../engine/engine.ts';
import type { Backend, OpenOptions } from './backend.ts';
import { fullPasses } from './full-passes.ts';

/** Undefined when `gpu` (`navigator.gpu`, or Dawn's under Node) has no adapter. Throws `UnmaskError` code `device`. */
export async function openWebGpuBackend(
  gpu: GPU | undefined,
  model: Model,
  { signal, onProgress }: OpenOptions,
): Promise<Backend | undefined> {
  if (!(await gpu?.requestAdapter())) return undefined;
  const device = await openDevice(gpu);
  try {
    signal?.throwIfAborted();
    onProgress?.({ stage: 'upload' });
    const engine = await Engine.create(device, model, { signal });
    if (!device.software) {
      onProgress?.({ stage: 'compile' });
      await warmUp(engine);
    }
    signal?.throwIfAborted();
    return {
      denoiser: engine,
      autoregressor: model.config.causal ? fullPasses(engine) : undefined,
      name: 'webgpu',
      device: device.description,
      software: device.software,
      lost: device.lost.then(({ message }) => message),
      dispose() {
        engine.destroy();
        device.gpu.destroy();
      },
    };
  } catch (error) {
    device.gpu.destroy();
    throw error;
  }
}

/** One question, so that the kernels are compiled before the first run; a software adapter is measured anyway. */
async function warmUp(engine: Engine): Promise<void> {
  const ids = new Int32Array(Math.min(64, engine.maxLength)).fill(Math.max(0, engine.maskId));
  await engine.predict({ ids, slots: Int32Array.of(0), topK: 1, draw: { seed: 0, step: 0, temperature: 0 } });
}
