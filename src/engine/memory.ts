/** GPU buffers with one owner: they are counted while they live and freed together. */
import { said } from '../text/said.ts';
import { deviceError } from './device.ts';

export class Memory {
  readonly #gpu: GPUDevice;
  readonly #buffers = new Set<GPUBuffer>();

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  get bytes(): number {
    let sum = 0;
    for (const buffer of this.#buffers) sum += buffer.size;
    return sum;
  }

  /** A storage buffer filled with zeros. Throws `UnmaskError` code `device` when no binding could hold it. */
  storage(label: string, bytes: number, usage = 0): GPUBuffer {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.#gpu.limits;
    const most = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    if (bytes > most) {
      const need = said`The buffer ${label} needs ${megabytes(bytes)}; this graphics card allows ${megabytes(most)} in one piece.`;
      throw deviceError(need, 'Choose a smaller model or a shorter canvas.');
    }
    return this.buffer(label, bytes, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | usage);
  }

  buffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.#gpu.createBuffer({ label, size: Math.max(16, Math.ceil(bytes / 4) * 4), usage });
    this.#buffers.add(buffer);
    return buffer;
  }

  free(buffer: GPUBuffer | undefined): void {
    if (buffer && this.#buffers.delete(buffer)) buffer.destroy();
  }

  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.clear();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
