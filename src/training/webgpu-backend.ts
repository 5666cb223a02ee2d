/** tfjs's WebGPU backend on a device of ours, so that the trainer and the engine share one card and its buffers. */
import { engine, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { UnmaskError } from '../diffusion/error.ts';
import { submit } from './kernels/run.ts';

/**
 * Makes it the current backend of tfjs, in place of an earlier WebGPU backend, whose tensors are lost. Throws
 * `UnmaskError`: device.
 */
export async function adoptWebGpu(gpu: GPUDevice): Promise<void> {
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  // Importing the package registered one that would open a device of its own.
  removeBackend('webgpu');
  registerBackend('webgpu', () => new WebGPUBackend(gpu, gpu.adapterInfo), 3);
  if (await setBackend('webgpu')) return;
  const remedy = 'Reload the page, or train without the graphics card.';
  throw new UnmaskError({ code: 'device', message: 'tfjs could not use this graphics device.', remedy });
}

/** What we use of tfjs's backend (backend_webgpu.ts, buffer_manager.ts, 4.22). */
interface Tfjs {
  readonly bufferManager?: {
    readonly freeBuffers: ReadonlyMap<string, GPUBuffer[]>;
    numFreeBuffers: number;
    numBytesAllocated: number;
  };
}

/**
 * Gives back the buffers that tfjs keeps to use again. It keeps all that it ever needed at once, which after a training is
 * many times what anything else on the device needs.
 */
export function freeUnusedBuffers(): void {
  const { bufferManager: manager } = engine().backend as unknown as Tfjs;
  if (manager === undefined) return;
  // Buffers of disposed tensors are among them only once the commands that name them have been submitted.
  submit();
  for (const buffers of manager.freeBuffers.values()) {
    for (const buffer of buffers) {
      manager.numBytesAllocated -= buffer.size;
      buffer.destroy();
    }
    manager.numFreeBuffers -= buffers.length;
    // The list itself stays: a buffer of this size that is still in use will be put back into it.
    buffers.length = 0;
  }
}
