/**
 * Node as ONNX Runtime's browser build expects a page: `navigator.gpu`, and a queue that takes views of shared memory.
 * Its WebAssembly memory is shared, and Dawn for Node refuses such views; a browser copies them, and so does this.
 */
import { availableParallelism } from 'node:os';
import { getGpu } from '../src/node/dawn.ts';

export async function pretendPage(): Promise<GPU> {
  const gpu = await getGpu({ zeroWorkgroups: true });
  const navigator = { gpu, userAgent: 'node', hardwareConcurrency: availableParallelism() };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });

  const write = GPUQueue.prototype.writeBuffer;
  GPUQueue.prototype.writeBuffer = function (buffer, at, data, ...rest) {
    return write.call(this, buffer, at, unshared(data as ArrayBufferView) as GPUAllowSharedBufferSource, ...rest);
  };
  return gpu;
}

function unshared(data: ArrayBufferView | ArrayBufferLike): ArrayBufferView | ArrayBufferLike {
  if (!ArrayBuffer.isView(data) || data.buffer instanceof ArrayBuffer) return data;
  return new Uint8Array(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}
