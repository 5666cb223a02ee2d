/**
 * ModernBERT on WebGPU: the `Denoiser` of a real graphics card. A prediction is at most two forward passes (one without
 * guidance, none when the canvas was asked before), one decode, and one readback of a few numbers per slot.
 */
import { endIds } from '../checkpoint/end-ids.ts';
import type { ModelConfig, Weights } from '../checkpoint/model.ts';
import { checkCanvas, checkRequest } from '../diffusion/check.ts';
import { blankPrediction, type Denoiser, type Prediction, type PredictRequest } from '../diffusion/denoiser.ts';
import type { UnmaskError } from '../diffusion/error.ts';
import { type DecodeJob, Decoder } from './decoder.ts';
import { deviceError, type EngineDevice, gpuError, guarded } from './device.ts';
import { Forward, type Place } from './forward.ts';
import { Kernels } from './kernel.ts';
import { MAX_HEAD } from './kernels/attention.ts';
import { answerWords } from './kernels/decode.ts';
import { readLogits } from './logits.ts';
import { Memory } from './memory.ts';
import { type KernelTime, timeDispatches } from './profile.ts';
import { Shelves } from './shelves.ts';
import { checkSupported, type GpuModel, uploadModel } from './upload.ts';
import type { UploadOptions } from './uploader.ts';

export class Engine implements Denoiser {
  readonly vocabSize: number;
  /** −1 in models that have no [MASK]. */
  readonly maskId: number;
  readonly endIds: readonly number[];
  readonly maxLength: number;
  readonly device: EngineDevice;

  readonly #config: ModelConfig;
  readonly #memory: Memory;
  readonly #kernels: Kernels;
  readonly #model: GpuModel;
  readonly #forward: Forward;
  readonly #decoder: Decoder;
  readonly #shelves = new Shelves();
  #forwards = 0;
  #destroyed = false;
  /** Settles when the call before has settled: one question at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(device: EngineDevice, memory: Memory, config: ModelConfig, model: GpuModel) {
    this.device = device;
    this.vocabSize = config.vocabSize;
    this.maskId = config.ids.mask ?? -1;
    this.endIds = endIds(config);
    this.maxLength = config.maxLength;
    this.#config = config;
    this.#memory = memory;
    this.#model = model;
    this.#kernels = new Kernels(device.gpu);
    this.#forward = new Forward(device, this.#kernels, memory, config, model);
    this.#decoder = new Decoder(device.gpu, this.#kernels, memory, config, model);
  }

  /** Uploads a model. Throws `UnmaskError`, code `device` when the card cannot hold or run it. */
  static async create(
    device: EngineDevice,
    { config, weights }: { readonly config: ModelConfig; readonly weights: Weights },
    options: UploadOptions = {},
  ): Promise<Engine> {
    checkSupported(config, MAX_HEAD);
    const memory = new Memory(device.gpu);
    try {
      const model = await uploadModel(device.gpu, memory, config, weights, options);
      return await guarded(device.gpu, 'making buffers', () => new Engine(device, memory, config, model));
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }

  /** Forward passes since the engine was created. */
  get forwardCount(): number {
    return this.#forwards;
  }

  /**
   * Slot `s` is answered from row `s` of the network; a causal model's row is its guess for the slot after. An id of −1
   * with log-probability −∞ stands where every id is suppressed.
   */
  async predict(request: PredictRequest): Promise<Prediction> {
    // Copied now: the caller may go on writing to its canvas while this question waits.
    const asked = structuredClone(request);
    const { slots, topK } = asked;
    const { reading, ...cost } = await this.#inTurn(() => this.#ask(asked));
    // The turn has ended: the card may take up the next question while these answers are read.
    const answers = await reading.catch((cause) => {
      throw this.#destroyed ? closed() : gpuError('reading the answers', cause);
    });
    return readAnswers(answers, slots, topK, cost);
  }

  /** Submits one question: at most two forward passes, the decoder and the copy of its answers in one command buffer. */
  async #ask(asked: PredictRequest) {
    checkRequest(asked, this);
    const { ids, slots, draw, topK, suppress = [], guidance, fresh } = asked;
    if (slots.length === 0) return { reading: Promise.resolve(new Uint32Array(0)), forwards: 0, rows: 0 };
    await this.#prepare(ids.length, slots.length);
    const before = this.#forwards;
    const { reading } = await this.#guarded('predicting', () => {
      const encoder = this.device.gpu.createCommandEncoder({ label: 'predict' });
      const pass = encoder.beginComputePass();
      const conditional = this.#shelve(ids, pass, 0, fresh);
      const unconditional = guidance ? this.#shelve(guidance.unconditional, pass, 1, fresh) : conditional;
      const job: DecodeJob = {
        slots,
        draw,
        topK,
        suppress,
        guidance: guidance?.scale ?? 0,
        conditional: this.#forward.shelfRow(conditional),
        unconditional: this.#forward.shelfRow(unconditional),
      };
      this.#decoder.encode(pass, job);
      pass.end();
      this.#decoder.copy(encoder, job);
      this.device.gpu.queue.submit([encoder.finish()]);
      // Mapped in the same task, so that the answer is on its way while the scopes are checked.
      const reading = this.#decoder.read(job);
      reading.catch(() => {});
      return { reading };
    });
    const forwards = this.#forwards - before;
    return { reading, forwards, rows: forwards * ids.length };
  }

  /** Compiles every kernel and makes every buffer that questions about canvases of this length need. */
  warm(tokens: number): Promise<void> {
    return this.#inTurn(() => this.#prepare(tokens, tokens));
  }

  /**
   * Raw logits `[to − from, V]` of rows `[from, to)`, all rows unless told; `from` is a multiple of 64. For inspection and
   * tests: the only place where logits are written out. Asking for the rows of one canvas in parts takes one forward pass.
   */
  logits(ids: Int32Array, from = 0, to = ids.length): Promise<Float32Array<ArrayBuffer>> {
    return this.#inTurn(async () => {
      checkCanvas(ids, this);
      await this.#prepare(ids.length, 1);
      const shelf = await this.#guarded('running the model', () => {
        const encoder = this.device.gpu.createCommandEncoder({ label: 'forward' });
        const pass = encoder.beginComputePass();
        const shelf = this.#shelve(ids, pass, 0);
        pass.end();
        this.device.gpu.queue.submit([encoder.finish()]);
        return shelf;
      });
      const rows = { buffer: this.#forward.hidden, first: this.#forward.shelfRow(shelf) + from, count: to - from };
      return readLogits(this.device.gpu, this.#kernels, this.#model, this.#config, rows);
    });
  }

  /** Time per kernel of one forward pass, as the card's own clock tells it. Throws `device` where it has none. */
  profile(ids: Int32Array): Promise<KernelTime[]> {
    return this.#inTurn(async () => {
      checkCanvas(ids, this);
      await this.#prepare(ids.length, ids.length);
      this.#shelves.clear(); // the pass overwrites one
      this.#forward.load(ids);
      return timeDispatches(this.device.gpu, this.#forward.dispatches(ids.length, 0));
    });
  }

  /** Bytes on the card. */
  get bytes(): number {
    return this.#memory.bytes + this.#forward.bytes;
  }

  /** Frees everything; the device stays open. Calls in flight are rejected. */
  destroy(): void {
    this.#destroyed = true;
    this.#forward.destroy();
    this.#memory.destroy();
  }

  /** Buffers and pipelines for a canvas of this length, of which this many slots are asked. */
  async #prepare(tokens: number, slots: number): Promise<void> {
    const kept = await this.#forward.prepare(tokens, this.#shelves.inUse);
    if (kept) this.#shelves.renumber(kept);
    await this.#decoder.prepare(this.#forward.hidden, slots);
  }

  /** The shelf with the hidden rows of a canvas, after a forward pass if need be. */
  #shelve(ids: Int32Array, pass: GPUComputePassEncoder, place: Place, fresh = false): number {
    const found = this.#shelves.find(ids);
    if (found !== undefined && !fresh) return found;
    const shelf = found ?? this.#shelves.take(ids, this.#forward.shelves);
    this.#forward.encode(pass, ids, shelf, place);
    this.#forwards++;
    return shelf;
  }

  async #guarded<T>(doing: string, work: () => T): Promise<T> {
    try {
      return await guarded(this.device.gpu, doing, work);
    } catch (error) {
      this.#shelves.clear();
      this.#decoder.forget();
      throw error;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      if (this.#destroyed) throw closed();
      return work();
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

function closed(): UnmaskError {
  return deviceError('The model was closed.', 'Load the model again.');
}

type Cost = Pick<Prediction, 'forwards' | 'rows'>;

/** Turns the kernel's words into a `Prediction`. */
function readAnswers(words: Uint32Array, slots: Int32Array, topK: number, cost: Cost): Prediction {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  const stride = answerWords(topK);
  const count = slots.length;
  const prediction = blankPrediction(slots, topK, cost);
  for (let i = 0; i < count; i++) {
    const at = i * stride;
    prediction.ids[i] = words[at] as number;
    prediction.logProbs[i] = floats[at + 1] as number;
    prediction.entropy[i] = floats[at + 2] as number;
    prediction.logSumExp[i] = floats[at + 3] as number;
    prediction.topIds.set(words.subarray(at + 4, at + 4 + topK), i * topK);
    prediction.topLogProbs.set(floats.subarray(at + 4 + topK, at + stride), i * topK);
  }
  return prediction;
}
