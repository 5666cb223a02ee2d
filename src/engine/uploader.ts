/**
 * Tensors from a checkpoint to the card in pieces of a few MB: read some rows, pack them, write them to the queue, wait
 * whenever too much is on its way. However large the model, the processor's side holds a few pieces at a time.
 */

import type { Coded } from '../checkpoint/few-bits.ts';
import { joinCoded, readRows } from '../checkpoint/few-bits-weights.ts';
import { toFloat32 } from '../checkpoint/half.ts';
import { joined } from '../checkpoint/joined.ts';
import type { TensorInfo, Weights } from '../checkpoint/model.ts';
import { inPrecision, type PrecisionOptions, precisionOf } from '../checkpoint/precision.ts';
import type { Arch } from '../model/arch.ts';
import { said } from '../text/said.ts';
import { guarded } from './device.ts';
import type { MatrixOptions, VectorPart, WeightLoader } from './loader.ts';
import type { Memory } from './memory.ts';
import {
  alignUp,
  type Order,
  PANEL,
  type PackedShape,
  packCoded,
  packMatrix,
  packVector,
  panelCount,
  panelWords,
} from './pack.ts';
import { type PackedType, packedType } from './precision.ts';

/** Stored bytes of one piece; a piece has whole panels, so a very wide matrix may exceed it. */
const PIECE_BYTES = 4 * 2 ** 20;
/** Packed bytes that may wait in the queue before the card has taken them. */
export const STAGING_BYTES = 16 * 2 ** 20;

export interface UploadOptions extends PrecisionOptions {
  /** Called after each piece with stored bytes. */
  readonly onProgress?: ((loaded: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Largest binding for a part of the token table, in bytes; for tests. By default what the device allows. */
  readonly maxPartBytes?: number | undefined;
}

/** Rows as they are read: bytes of their stored type, or codes. */
type Rows = Uint8Array | Coded;

/** Consecutive stored rows. */
interface Run {
  readonly from: number;
  to: number;
}

export class Uploader implements WeightLoader {
  readonly #gpu: GPUDevice;
  readonly #memory: Memory;
  readonly #weights: Weights;
  readonly #options: UploadOptions;
  readonly #total: number;
  #loaded = 0;
  #waiting = 0;

  constructor(gpu: GPUDevice, memory: Memory, arch: Arch, weights: Weights, options: UploadOptions) {
    this.#gpu = gpu;
    this.#memory = memory;
    this.#weights = inPrecision(arch, weights, options);
    this.#options = options;
    this.#total = [...this.#weights.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  has(name: string): boolean {
    return this.#weights.tensors.has(name);
  }

  typeOf(name: string, columns?: number): PackedType {
    return packedType(this.#info(name), precisionOf(name, this.#options), columns);
  }

  async vector(label: string, length: number, parts: readonly VectorPart[] = []): Promise<GPUBuffer> {
    const values = new Float32Array(length);
    for (const { name, at = 0, order } of parts) {
      const bytes = await this.#abortable(this.#weights.read(name, this.#options.signal));
      this.#done(bytes.length);
      const stored = toFloat32(bytes, this.#info(name).dtype);
      values.set(packVector(stored, order?.length ?? stored.length, order), at);
    }
    return guarded(this.#gpu, said`uploading ${label}`, () => {
      const buffer = this.#memory.storage(label, values.byteLength, GPUBufferUsage.COPY_SRC);
      this.#gpu.queue.writeBuffer(buffer, 0, values);
      return buffer;
    });
  }

  /** A matrix, or a part of one, packed as `shape` says. Throws `UnmaskError` code `device`, or what reading throws. */
  async matrix(name: string, shape: PackedShape, options: MatrixOptions = {}): Promise<GPUBuffer> {
    const { first = 0, padding = PANEL, rowOrder, columnOrder } = options;
    const { dtype, shape: stored, byteLength } = this.#info(name);
    const [storedRows, storedColumns] = stored as [number, number];
    const inCodes = shape.dtype === 'I8' || shape.dtype === 'I4' || shape.dtype === 'NF4';
    const panelBytes = 4 * panelWords(shape);
    const room = (alignUp(shape.rows, padding) / PANEL) * panelBytes;
    const buffer = await guarded(this.#gpu, said`uploading ${name}`, () => this.#memory.storage(name, room));

    const step = PANEL * Math.max(1, Math.floor(PIECE_BYTES / (PANEL * (byteLength / storedRows))));
    const packedRows = PANEL * panelCount(shape);
    const pieces = Array.from({ length: Math.ceil(packedRows / step) }, (_, i) => {
      const from = i * step;
      const order = rowOrder?.subarray(from, from + step) ?? counting(first + from, Math.min(step, shape.rows - from));
      return { at: (from / PANEL) * panelBytes, ...runsOf(order) };
    });
    const read = (runs: readonly Run[]) => (inCodes ? this.#readCodes(name, runs) : this.#readRuns(name, runs));
    let next: Promise<Rows> = read(pieces[0]?.runs ?? []);
    for (const [i, { at, order, runs }] of pieces.entries()) {
      const found = await next;
      // The next piece arrives while this one is packed.
      next = read(pieces[i + 1]?.runs ?? []);
      next.catch(() => {});
      const piece = { ...shape, rows: order.length };
      const orders = { rowOrder: order, columnOrder };
      const packed =
        'codes' in found
          ? packCoded(found, piece, orders)
          : packMatrix(found, piece, { stored: dtype, storedColumns, ...orders });
      await guarded(this.#gpu, said`uploading ${name}`, () => this.#gpu.queue.writeBuffer(buffer, at, packed));
      this.#done(runs.reduce((sum, { from, to }) => sum + (to - from) * (byteLength / storedRows), 0));
      await this.#waitForCard(packed.byteLength);
    }
    return buffer;
  }

  #info(name: string): TensorInfo {
    return this.#weights.tensors.get(name) as TensorInfo;
  }

  /** Waits for the card once enough is on its way. */
  async #waitForCard(bytes: number): Promise<void> {
    this.#waiting += bytes;
    if (this.#waiting < STAGING_BYTES) return;
    await this.#gpu.queue.onSubmittedWorkDone();
    this.#waiting = 0;
  }

  async #readCodes(name: string, runs: readonly Run[]): Promise<Coded | Uint8Array> {
    const { signal } = this.#options;
    const { readCoded } = this.#weights;
    if (runs.length === 0) return new Uint8Array(0);
    const read = ({ from, to }: Run) => (readCoded as NonNullable<typeof readCoded>)(name, from, to, signal);
    return joinCoded(await this.#abortable(Promise.all(runs.map(read))));
  }

  async #readRuns(name: string, runs: readonly Run[]): Promise<Uint8Array> {
    const { signal } = this.#options;
    const read = ({ from, to }: Run) => readRows(this.#weights, name, from, to, signal);
    const chunks = await this.#abortable(Promise.all(runs.map(read)));
    return joined<Uint8Array>(chunks, (length) => new Uint8Array(length));
  }

  async #abortable<T>(reading: Promise<T>): Promise<T> {
    reading.catch(() => {});
    this.#options.signal?.throwIfAborted();
    const result = await reading;
    this.#options.signal?.throwIfAborted();
    return result;
  }

  #done(bytes: number): void {
    this.#loaded += bytes;
    this.#options.onProgress?.(this.#loaded, this.#total);
  }
}

function counting(first: number, count: number): Order {
  return Int32Array.from({ length: count }, (_, i) => first + i);
}

/** The stored rows that `order` names, as runs, and where each stands once the runs are joined. */
function runsOf(order: Order): { readonly runs: Run[]; readonly order: Order } {
  const runs: Run[] = [];
  const places = new Map<number, number>();
  for (const row of order.toSorted()) {
    if (row < 0 || places.has(row)) continue;
    places.set(row, places.size);
    const last = runs.at(-1);
    if (last?.to === row) last.to++;
    else runs.push({ from: row, to: row + 1 });
  }
  return { runs, order: order.map((row) => places.get(row) ?? -1) };
}
