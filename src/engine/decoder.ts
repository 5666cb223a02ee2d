/**
 * Answers from hidden rows that are already on the card: decode, merge, one small readback. Slots are answered 64 at a
 * time, so the scratch memory does not grow with the canvas.
 */
import type { ModelConfig } from '../checkpoint/model.ts';
import { type Draw, MOST_ALTERNATIVES } from '../diffusion/denoiser.ts';
import { encode, type Kernels } from './kernel.ts';
import {
  answerWords,
  CANDIDATE_BYTES,
  decode,
  decodeConstants,
  decodeWorkgroups,
  merge,
  REQUEST_BYTES,
  SUMMARY_BYTES,
  suppressBits,
  vocabTiles,
  writeRequest,
} from './kernels/decode.ts';
import type { Memory } from './memory.ts';
import type { GpuModel } from './upload.ts';

/** Slots per dispatch. */
const BATCH = 64;
/** Smallest step between dynamic offsets that every device allows. */
const OFFSET_STEP = 256;

export interface DecodeJob {
  readonly slots: Int32Array;
  readonly draw: Draw;
  readonly topK: number;
  readonly suppress: readonly number[];
  readonly guidance: number;
  /** Rows of `hidden` where the two canvases begin; the same row without guidance. */
  readonly conditional: number;
  readonly unconditional: number;
}

/** What depends on the hidden buffer or on the number of slots asked at once. */
interface Bindings {
  readonly hidden: GPUBuffer;
  readonly capacity: number;
  readonly buffers: readonly GPUBuffer[];
  readonly slots: GPUBuffer;
  readonly requests: GPUBuffer;
  readonly answers: GPUBuffer;
  readonly readback: GPUBuffer;
  readonly decode: readonly GPUBindGroup[];
  readonly merge: GPUBindGroup;
}

interface Pipelines {
  /** One per part of the decoder. */
  readonly decode: readonly GPUComputePipeline[];
  readonly merge: GPUComputePipeline;
}

export class Decoder {
  readonly #gpu: GPUDevice;
  readonly #kernels: Kernels;
  readonly #memory: Memory;
  readonly #model: GpuModel;
  readonly #vocabSize: number;
  readonly #suppress: GPUBuffer;
  readonly #summaries: GPUBuffer;
  readonly #candidates: GPUBuffer;
  #suppressed: string | undefined;
  #bindings: Bindings | undefined;
  #pipelines: Pipelines | undefined;

  constructor(gpu: GPUDevice, kernels: Kernels, memory: Memory, config: ModelConfig, model: GpuModel) {
    this.#gpu = gpu;
    this.#kernels = kernels;
    this.#memory = memory;
    this.#model = model;
    this.#vocabSize = config.vocabSize;
    const tiles = vocabTiles(config.vocabSize);
    this.#suppress = memory.storage('suppress', suppressBits([], config.vocabSize).byteLength);
    this.#summaries = memory.storage('summaries', BATCH * tiles * SUMMARY_BYTES);
    this.#candidates = memory.storage('candidates', BATCH * tiles * MOST_ALTERNATIVES * CANDIDATE_BYTES);
  }

  async prepare(): Promise<void> {
    if (this.#pipelines) return;
    const constants = this.#model.decoder.map((part) => decodeConstants(part, part.first, this.#vocabSize));
    const [mergePipeline, ...decodePipelines] = await Promise.all([
      this.#kernels.pipeline(merge, { VOCAB_TILES: vocabTiles(this.#vocabSize) }),
      ...constants.map((each) => this.#kernels.pipeline(decode, each)),
    ]);
    this.#pipelines = { decode: decodePipelines, merge: mergePipeline };
  }

  /** Queues the work; `prepare` must have been called. */
  submit(hidden: GPUBuffer, job: DecodeJob): void {
    const { slots, topK } = job;
    const { decode: decodePipelines, merge: mergePipeline } = this.#pipelines as Pipelines;
    const bound = this.#bind(hidden, slots.length);
    this.#write(bound, job);

    const encoder = this.#gpu.createCommandEncoder({ label: 'decode' });
    const pass = encoder.beginComputePass();
    for (let first = 0, batch = 0; first < slots.length; first += BATCH, batch++) {
      const count = Math.min(BATCH, slots.length - first);
      const offsets = [batch * OFFSET_STEP];
      this.#model.decoder.forEach((part, i) => {
        const pipeline = decodePipelines[i] as GPUComputePipeline;
        const bindGroup = bound.decode[i] as GPUBindGroup;
        encode(pass, { name: 'decode', pipeline, bindGroup, workgroups: decodeWorkgroups(count, part.rows) }, offsets);
      });
      encode(pass, { name: 'merge', pipeline: mergePipeline, bindGroup: bound.merge, workgroups: [count] }, offsets);
    }
    pass.end();
    const bytes = 4 * answerWords(topK) * slots.length;
    encoder.copyBufferToBuffer(bound.answers, 0, bound.readback, 0, bytes);
    this.#gpu.queue.submit([encoder.finish()]);
  }

  /** The answers of the job submitted last, `answerWords(topK)` words per slot. */
  async read(slots: number, topK: number): Promise<Uint32Array<ArrayBuffer>> {
    const { readback } = this.#bindings as Bindings;
    const bytes = 4 * answerWords(topK) * slots;
    await readback.mapAsync(GPUMapMode.READ, 0, bytes);
    const answers = new Uint32Array(readback.getMappedRange(0, bytes).slice());
    readback.unmap();
    return answers;
  }

  /** Frees the buffers of the last job, whose readback may hang after a failure; the next job makes new ones. */
  forget(): void {
    this.#bindings?.buffers.forEach((buffer) => {
      this.#memory.free(buffer);
    });
    this.#bindings = undefined;
  }

  #write(bound: Bindings, job: DecodeJob): void {
    const { queue } = this.#gpu;
    const { slots, suppress } = job;
    queue.writeBuffer(bound.slots, 0, Int32Array.from(slots));

    const batches = Math.ceil(slots.length / BATCH);
    const view = new DataView(new ArrayBuffer(batches * OFFSET_STEP));
    for (let batch = 0; batch < batches; batch++) {
      const first = batch * BATCH;
      writeRequest(view, batch * OFFSET_STEP, { ...job, first, count: Math.min(BATCH, slots.length - first) });
    }
    queue.writeBuffer(bound.requests, 0, view.buffer); // Dawn for Node takes no DataView

    const suppressed = suppress.join();
    if (suppressed !== this.#suppressed) {
      queue.writeBuffer(this.#suppress, 0, suppressBits(suppress, this.#vocabSize));
      this.#suppressed = suppressed;
    }
  }

  #bind(hidden: GPUBuffer, slots: number): Bindings {
    const old = this.#bindings;
    if (old && old.hidden === hidden && slots <= old.capacity) return old;
    this.forget();

    const memory = this.#memory;
    let capacity = BATCH;
    while (capacity < slots) capacity *= 2;
    const answerBytes = 4 * answerWords(MOST_ALTERNATIVES) * capacity;
    const slotsBuffer = memory.storage('slots', 4 * capacity);
    const requests = memory.buffer(
      'requests',
      (capacity / BATCH) * OFFSET_STEP,
      GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    );
    const answers = memory.storage('answers', answerBytes, GPUBufferUsage.COPY_SRC);
    const readback = memory.buffer('readback', answerBytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    const request = { buffer: requests, size: REQUEST_BYTES };
    this.#bindings = {
      hidden,
      capacity,
      buffers: [slotsBuffer, requests, answers, readback],
      slots: slotsBuffer,
      requests,
      answers,
      readback,
      decode: this.#model.decoder.map((part) =>
        this.#kernels.bindGroup(decode, {
          0: request,
          1: hidden,
          2: part.buffer,
          3: this.#model.decoderBias,
          4: slotsBuffer,
          5: this.#suppress,
          6: this.#summaries,
          7: this.#candidates,
        }),
      ),
      merge: this.#kernels.bindGroup(merge, { 0: request, 1: this.#summaries, 2: this.#candidates, 3: answers }),
    };
    return this.#bindings;
  }
}
