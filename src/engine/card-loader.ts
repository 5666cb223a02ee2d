/**
 * A model's weights from the buffers of a trainer on the same device into those of the engine: packed by the card,
 * nothing passes through JavaScript. What was packed once is packed again, into the same buffers, at every `refresh`.
 */

import packSource from '../../shaders/pack.wgsl?raw';
import type { CardTensor, CardWeights } from '../checkpoint/card-weights.ts';
import { type Dispatch, encode, type Kernel, type Kernels } from './kernel.ts';
import type { MatrixOptions, VectorPart, WeightLoader } from './loader.ts';
import type { Memory } from './memory.ts';
import { alignUp, type Order, PANEL, type PackedShape, panelCount, panelWords, strideOf } from './pack.ts';

const pack: Kernel = {
  name: 'pack',
  sources: [packSource],
  bindings: { 0: 'uniform', 1: 'read', 2: 'read', 3: 'read', 4: 'write' },
};

/** Where a tensor goes. */
interface Target {
  readonly buffer: GPUBuffer;
  readonly start: number;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  readonly first?: number | undefined;
  readonly rowOrder?: Order | undefined;
  readonly columnOrder?: Order | undefined;
}

export class CardLoader implements WeightLoader {
  readonly #gpu: GPUDevice;
  readonly #kernels: Kernels;
  readonly #memory: Memory;
  readonly #weights: CardWeights['onCard'];
  readonly #dispatches: Dispatch[] = [];
  readonly #orders = new Map<Order, GPUBuffer>();

  constructor(gpu: GPUDevice, kernels: Kernels, memory: Memory, { onCard }: CardWeights) {
    this.#gpu = gpu;
    this.#kernels = kernels;
    this.#memory = memory;
    this.#weights = onCard;
  }

  has(name: string): boolean {
    return this.#weights.has(name);
  }

  typeOf(): 'F32' {
    return 'F32';
  }

  async vector(label: string, length: number, parts: readonly VectorPart[] = []): Promise<GPUBuffer> {
    const buffer = this.#memory.storage(label, 4 * length, GPUBufferUsage.COPY_SRC);
    for (const { name, at = 0, order } of parts) {
      const { shape } = this.#tensor(name);
      const rows = order?.length ?? (shape[0] as number);
      await this.#add(name, { buffer, start: at, rows, columns: 1, stride: 1, rowOrder: order });
    }
    return buffer;
  }

  async matrix(name: string, shape: PackedShape, options: MatrixOptions = {}): Promise<GPUBuffer> {
    const { first, padding = PANEL, rowOrder, columnOrder } = options;
    const { rows, columns } = shape;
    const buffer = this.#memory.storage(name, (4 * panelWords(shape) * alignUp(rows, padding)) / PANEL);
    await this.#add(name, { buffer, start: 0, rows, columns, stride: strideOf(columns), first, rowOrder, columnOrder });
    return buffer;
  }

  /** Submits the packing of all tensors as they are now. */
  refresh(): void {
    const encoder = this.#gpu.createCommandEncoder({ label: 'pack' });
    const pass = encoder.beginComputePass();
    for (const each of this.#dispatches) encode(pass, each);
    pass.end();
    this.#gpu.queue.submit([encoder.finish()]);
  }

  async #add(name: string, target: Target): Promise<void> {
    const { buffer, start, rows, columns, stride, first = 0, rowOrder, columnOrder } = target;
    const source = this.#tensor(name);
    const words = Uint32Array.of(source.start, source.rowStep, source.columnStep, first, rows, stride, start, 0);
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const params = this.#memory.buffer('pack params', words.byteLength, usage);
    this.#gpu.queue.writeBuffer(params, 0, words);
    const constants = { ROW_ORDER: rowOrder !== undefined, COLUMN_ORDER: columnOrder !== undefined };
    // Where there is no order its binding is filled by something that is not read.
    const [byRow, byColumn] = [rowOrder, columnOrder].map((order) => (order ? this.#order(order) : source.buffer));
    this.#dispatches.push({
      name: 'pack',
      pipeline: await this.#kernels.pipeline(pack, constants),
      bindGroup: this.#kernels.bindGroup(pack, {
        0: params,
        1: source.buffer,
        2: byRow as GPUBuffer,
        3: byColumn as GPUBuffer,
        4: buffer,
      }),
      workgroups: [columns, panelCount({ rows })],
    });
  }

  #order(order: Order): GPUBuffer {
    let buffer = this.#orders.get(order);
    if (buffer === undefined) {
      buffer = this.#memory.storage('order', order.byteLength);
      this.#gpu.queue.writeBuffer(buffer, 0, order as Int32Array<ArrayBuffer>);
      this.#orders.set(order, buffer);
    }
    return buffer;
  }

  #tensor(name: string): CardTensor {
    return this.#weights.get(name) as CardTensor;
  }
}
