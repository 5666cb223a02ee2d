/**
 * Answers from hidden rows that are already on the card: decode, merge, one small readback. Slots are answered 64 at a
 * time, whichever sequences they belong to, so the scratch memory does not grow with the canvas. Two readback buffers take turns, so that the card can work on
 * the next question while the answers to the last are on their way.
 */
import { MOST_ALTERNATIVES } from '../diffusion/network.ts';
import { Stream } from '../diffusion/rng.ts';
import type { Arch } from '../model/arch.ts';
import { adapterOf } from './adapter.ts';
import { type EngineDevice, guarded } from './device.ts';
import { type Dispatch, encode, type Kernels } from './kernel.ts';
import {
  ASKED_BYTES,
  type Asked,
  answerWords,
  DECODES,
  type DecodeForm,
  decodeConstants,
  decodeWorkgroups,
  merge,
  REQUEST_BYTES,
  SUMMARY_BYTES,
  suppressBits,
  TILE_TOKENS,
  vocabTiles,
  type Width,
  widthFor,
  writeAsked,
} from './kernels/decode.ts';
import { mapped } from './mapped.ts';
import type { Memory } from './memory.ts';
import type { Table } from './upload.ts';

/** Slots per dispatch. */
const BATCH = 64;
/** Smallest step between dynamic offsets that every device allows. */
const OFFSET_STEP = 256;

export interface DecodeJob {
  readonly asked: readonly Asked[];
  readonly topK: number;
  readonly suppress: readonly number[];
}

/** What depends on the hidden buffer or on the number of slots asked at once. */
interface Bindings {
  readonly hidden: GPUBuffer;
  readonly capacity: number;
  readonly buffers: readonly GPUBuffer[];
  readonly asked: GPUBuffer;
  readonly requests: GPUBuffer;
  readonly answers: GPUBuffer;
  readonly readbacks: readonly Readback[];
  readonly decode: readonly GPUBindGroup[];
  readonly merge: GPUBindGroup;
}

interface Readback {
  readonly buffer: GPUBuffer;
  /** Settles when the buffer is free again. */
  busy: Promise<unknown>;
}

interface Pipelines {
  /** For each width, one per part of the decoder. */
  readonly decode: Readonly<Record<Width, readonly GPUComputePipeline[]>>;
  readonly merge: GPUComputePipeline;
}

export class Decoder {
  readonly #gpu: GPUDevice;
  readonly #kernels: Kernels;
  readonly #memory: Memory;
  readonly #table: Table;
  readonly #stream: Stream;
  readonly #vocabSize: number;
  readonly #form: DecodeForm;
  readonly #suppress: GPUBuffer;
  readonly #summaries: GPUBuffer;
  /** Logits of a batch of slots. */
  readonly #logits: GPUBuffer;
  #suppressed: string | undefined;
  #bindings: Bindings | undefined;
  #jobs = 0;
  #pipelines: Pipelines | undefined;

  /** `stream`: the noise that tokens are drawn with. */
  constructor(
    device: EngineDevice,
    kernels: Kernels,
    memory: Memory,
    { vocab }: Pick<Arch, 'vocab'>,
    table: Table,
    stream: Stream = Stream.Gumbel,
  ) {
    this.#gpu = device.gpu;
    this.#form = adapterOf(device) === 'shuffling processor' ? 'subgroup' : 'staged';
    this.#kernels = kernels;
    this.#memory = memory;
    this.#table = table;
    this.#stream = stream;
    this.#vocabSize = vocab;
    const tiles = vocabTiles(vocab);
    this.#suppress = memory.storage('suppress', suppressBits([], vocab).byteLength);
    this.#summaries = memory.storage('summaries', BATCH * tiles * SUMMARY_BYTES);
    this.#logits = memory.storage('logits', 4 * BATCH * tiles * TILE_TOKENS);
  }

  /** Pipelines, and room for questions about `slots` slots of `hidden`; waits until a readback buffer is free. */
  async prepare(hidden: GPUBuffer, slots: number): Promise<void> {
    await this.#compile();
    const old = this.#bindings;
    if (old && old.hidden === hidden && slots <= old.capacity) {
      await (old.readbacks[this.#jobs % 2] as Readback).busy;
      return;
    }
    await Promise.all(old?.readbacks.map(({ busy }) => busy) ?? []);
    this.forget();
    this.#bindings = await guarded(this.#gpu, 'making buffers', () => this.#bind(hidden, slots));
  }

  async #compile(): Promise<void> {
    if (this.#pipelines) return;
    const parts = (width: Width) =>
      Promise.all(
        this.#table.parts.map((part) =>
          this.#kernels.pipeline(DECODES[this.#form], decodeConstants(part, part.first, this.#vocabSize, width)),
        ),
      );
    const [mergePipeline, few, many] = await Promise.all([
      this.#kernels.pipeline(merge, { VOCAB_TILES: vocabTiles(this.#vocabSize) }),
      parts(2),
      parts(8),
    ]);
    this.#pipelines = { decode: { 2: few, 8: many }, merge: mergePipeline };
  }

  /** The dispatches of a job, without its request. */
  dispatches(slots: number): Dispatch[] {
    const { decode: decodePipelines, merge: mergePipeline } = this.#pipelines as Pipelines;
    const bound = this.#bindings as Bindings;
    const dispatches: Dispatch[] = [];
    for (let first = 0, batch = 0; first < slots; first += BATCH, batch++) {
      const count = Math.min(BATCH, slots - first);
      const offsets = [batch * OFFSET_STEP];
      this.#table.parts.forEach((part, i) => {
        const pipeline = decodePipelines[widthFor(count)][i] as GPUComputePipeline;
        const bindGroup = bound.decode[i] as GPUBindGroup;
        const workgroups = decodeWorkgroups(count, part.rows);
        const work = { flops: 2 * count * part.rows * part.columns, bytes: part.buffer.size };
        dispatches.push({ name: 'decode', pipeline, bindGroup, workgroups, offsets, work });
      });
      dispatches.push({ name: 'merge', pipeline: mergePipeline, bindGroup: bound.merge, workgroups: [count], offsets });
    }
    return dispatches;
  }

  /** Adds a job's dispatches; `prepare` must have been called for it. */
  encode(pass: GPUComputePassEncoder, job: DecodeJob): void {
    this.load(job);
    for (const dispatch of this.dispatches(job.asked.length)) encode(pass, dispatch);
  }

  /** Adds the copy of the answers, after the pass. */
  copy(encoder: GPUCommandEncoder, { asked, topK }: DecodeJob): void {
    const { answers, readbacks } = this.#bindings as Bindings;
    const { buffer } = readbacks[this.#jobs % 2] as Readback;
    encoder.copyBufferToBuffer(answers, 0, buffer, 0, 4 * answerWords(topK) * asked.length);
  }

  /** The answers of the job just submitted, `answerWords(topK)` words per slot. */
  read({ asked, topK }: DecodeJob): Promise<Uint32Array<ArrayBuffer>> {
    const { readbacks } = this.#bindings as Bindings;
    const readback = readbacks[this.#jobs++ % 2] as Readback;
    const bytes = 4 * answerWords(topK) * asked.length;
    const reading = mapped(this.#gpu, readback.buffer, bytes).then(() => {
      const answers = new Uint32Array(readback.buffer.getMappedRange(0, bytes).slice());
      readback.buffer.unmap();
      return answers;
    });
    readback.busy = reading.catch(() => {});
    return reading;
  }

  /** Frees the buffers of the last job, whose readback may hang after a failure; the next job makes new ones. */
  forget(): void {
    this.#bindings?.buffers.forEach((buffer) => {
      this.#memory.free(buffer);
    });
    this.#bindings = undefined;
  }

  load(job: DecodeJob): void {
    const { queue } = this.#gpu;
    const bound = this.#bindings as Bindings;
    const { asked, topK, suppress } = job;
    queue.writeBuffer(bound.asked, 0, writeAsked(asked, this.#stream));

    const batches = Math.ceil(asked.length / BATCH);
    const requests = new Uint32Array((batches * OFFSET_STEP) / 4);
    for (let batch = 0; batch < batches; batch++) {
      const first = batch * BATCH;
      const count = Math.min(BATCH, asked.length - first);
      const guided = asked.slice(first, first + count).some(({ guidance }) => guidance !== 0);
      requests.set([topK, first, count, Number(guided)], (batch * OFFSET_STEP) / 4);
    }
    queue.writeBuffer(bound.requests, 0, requests);

    const suppressed = suppress.join();
    if (suppressed !== this.#suppressed) {
      queue.writeBuffer(this.#suppress, 0, suppressBits(suppress, this.#vocabSize));
      this.#suppressed = suppressed;
    }
  }

  #bind(hidden: GPUBuffer, slots: number): Bindings {
    const memory = this.#memory;
    let capacity = BATCH;
    while (capacity < slots) capacity *= 2;
    const answerBytes = 4 * answerWords(MOST_ALTERNATIVES) * capacity;
    const asked = memory.storage('asked', ASKED_BYTES * capacity);
    const requests = memory.buffer(
      'requests',
      (capacity / BATCH) * OFFSET_STEP,
      GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    );
    const answers = memory.storage('answers', answerBytes, GPUBufferUsage.COPY_SRC);
    const readbacks = [0, 1].map(() => ({
      buffer: memory.buffer('readback', answerBytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST),
      busy: Promise.resolve(),
    }));
    const request = { buffer: requests, size: REQUEST_BYTES };
    return {
      hidden,
      capacity,
      buffers: [asked, requests, answers, ...readbacks.map(({ buffer }) => buffer)],
      asked,
      requests,
      answers,
      readbacks,
      decode: this.#table.parts.map((part) =>
        this.#kernels.bindGroup(DECODES[this.#form], {
          0: request,
          1: hidden,
          2: part.buffer,
          3: this.#table.bias,
          4: asked,
          5: this.#suppress,
          6: this.#summaries,
          7: this.#logits,
        }),
      ),
      merge: this.#kernels.bindGroup(merge, { 0: request, 1: this.#summaries, 2: this.#logits, 3: answers }),
    };
  }
}
