/**
 * Unstacking on tfjs's WebAssembly. Its own kernel (4.22) copies the whole tensor out of the heap for every part, so that N
 * heads cost N² copies of one: half of the time of a batch. This one copies each part once.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { getKernel, type KernelFunc, registerKernel, type TensorInfo, unregisterKernel } from '@tensorflow/tfjs-core';

const KERNEL = { kernelName: 'Unpack', backendName: 'wasm' } as const;

/** Puts it in the place of tfjs's own, once that is registered. */
export function registerUnpack(): void {
  const own = getKernel(KERNEL.kernelName, KERNEL.backendName);
  if (own === undefined || own.kernelFunc === ours) return;
  others = own.kernelFunc;
  unregisterKernel(KERNEL.kernelName, KERNEL.backendName);
  registerKernel({ ...KERNEL, kernelFunc: ours });
}

/** tfjs's own, for every axis but the first. */
let others: KernelFunc | undefined;

const ours: KernelFunc = (given) => {
  const value = given.inputs['value'] as TensorInfo;
  if (given.attrs?.['axis'] !== 0) return (others as KernelFunc)(given);
  const backend = given.backend as BackendWasm;
  const [count = 0, ...shape] = value.shape;
  const size = shape.reduce((product, each) => product * each, 1);
  return Array.from({ length: count }, (_, i) => {
    // What is read is a copy: making room for a part may move the heap.
    const part = backend.readSync(value.dataId, i * size, (i + 1) * size);
    return backend.makeOutput(shape, value.dtype, undefined, part);
  });
};
