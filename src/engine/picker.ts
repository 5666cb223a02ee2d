/** Queues the logits of given tokens beside a pass over their canvas, and reads them: a few bytes per token. */
import { encode, type Kernels } from './kernel.ts';
import { pick, pickConstants } from './kernels/pick.ts';
import { mapped } from './mapped.ts';
import { Memory } from './memory.ts';
import type { Table } from './upload.ts';

export class Picker {
  readonly #gpu: GPUDevice;
  readonly #kernels: Kernels;
  readonly #table: Table;
  #pipelines: readonly GPUComputePipeline[] = [];

  constructor(gpu: GPUDevice, kernels: Kernels, table: Table) {
    this.#gpu = gpu;
    this.#kernels = kernels;
    this.#table = table;
  }

  async prepare(): Promise<void> {
    const { parts } = this.#table;
    this.#pipelines = await Promise.all(
      parts.map((part) => this.#kernels.pipeline(pick, pickConstants(part, part.first))),
    );
  }

  /** Adds the dispatches for row `rows[i]` of `hidden` and `ids[i]`; `prepare` must have been called. */
  encode(pass: GPUComputePassEncoder, hidden: GPUBuffer, rows: Uint32Array, ids: Int32Array): Picking {
    const memory = new Memory(this.#gpu);
    const asked = memory.storage('ids', ids.byteLength);
    const at = memory.storage('rows', ids.byteLength);
    const logits = memory.storage('picked', ids.byteLength, GPUBufferUsage.COPY_SRC);
    const readback = memory.buffer('readback', ids.byteLength, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    this.#gpu.queue.writeBuffer(asked, 0, Int32Array.from(ids));
    this.#gpu.queue.writeBuffer(at, 0, Uint32Array.from(rows));
    const { parts, bias } = this.#table;
    parts.forEach((part, i) => {
      const buffers = { 1: hidden, 2: part.buffer, 3: bias, 4: asked, 5: logits, 6: at };
      const bindGroup = this.#kernels.bindGroup(pick, buffers);
      encode(pass, {
        name: 'pick',
        pipeline: this.#pipelines[i] as GPUComputePipeline,
        bindGroup,
        workgroups: [ids.length],
      });
    });
    const gpu = this.#gpu;
    return {
      copy: (encoder) => encoder.copyBufferToBuffer(logits, 0, readback, 0, ids.byteLength),
      async read() {
        try {
          await mapped(gpu, readback);
          return new Float32Array(readback.getMappedRange(0, ids.byteLength).slice(0));
        } finally {
          memory.destroy();
        }
      },
    };
  }
}

export interface Picking {
  /** Adds the copy of the answers, after the pass. */
  copy(encoder: GPUCommandEncoder): void;
  /** The logits; to be called once, after submission. */
  read(): Promise<Float32Array>;
}
