/**
 * ModernBERT on WebGPU: the `Denoiser` of a real graphics card. A prediction is at most two forward passes (one without
 * guidance, none when the canvas was asked before), one decode, and one readback of a few numbers per slot.
 */

import type { CardWeights } from '../checkpoint/card-weights.ts';
import { endIds } from '../checkpoint/end-ids.ts';
import type { Weights } from '../checkpoint/model.ts';
import { type Autoregressor, checkNext, type NextRequest } from '../diffusion/autoregressor.ts';
import { checkCanvas, checkRequest } from '../diffusion/check.ts';
import type { Denoiser, Prediction, PredictRequest, TargetRequest } from '../diffusion/denoiser.ts';
import type { UnmaskError } from '../diffusion/error.ts';
import { checkTargets } from '../diffusion/target-log-probs.ts';
import type { Arch } from '../model/arch.ts';
import { readAnswers } from './answers.ts';
import { CardLoader } from './card-loader.ts';
import { type DecodeJob, Decoder } from './decoder.ts';
import { deviceError, type EngineDevice, gpuError, guarded } from './device.ts';
import { Forward } from './forward.ts';
import { Kernels } from './kernel.ts';
import { MAX_HEAD } from './kernels/attention.ts';
import { readLogits } from './logits.ts';
import { Memory } from './memory.ts';
import { Passes } from './passes.ts';
import { Picker, type Picking } from './picker.ts';
import { type KernelTime, timeDispatches } from './profile.ts';
import { isSame } from './shelves.ts';
import { type TileChoice, Tuner, type TunerOptions } from './tuner.ts';
import { checkSupported, type GpuModel, placeModel, uploadModel } from './upload.ts';
import type { UploadOptions } from './uploader.ts';

export type EngineOptions = UploadOptions & TunerOptions;

/** A text's numbers on their way. */
interface Score {
  readonly slots: Int32Array;
  readonly reading: Promise<Uint32Array>;
  /** Logits of the slots' tokens. */
  readonly picking: Promise<Float32Array>;
}

/** What an engine is given to keep. */
interface Owned {
  readonly memory: Memory;
  readonly kernels: Kernels;
  /** Where the weights are a trainer's. */
  readonly card: CardLoader | undefined;
}

export class Engine implements Denoiser, Autoregressor {
  readonly vocabSize: number;
  /** −1 in models that have no [MASK]. */
  readonly maskId: number;
  readonly endIds: readonly number[];
  readonly maxLength: number;
  readonly device: EngineDevice;

  readonly #arch: Arch;
  readonly #memory: Memory;
  readonly #kernels: Kernels;
  readonly #model: GpuModel;
  readonly #card: CardLoader | undefined;
  readonly #passes: Passes;
  readonly #decoder: Decoder;
  readonly #picker: Picker;
  readonly #tuner: Tuner;
  #destroyed = false;
  /** Settles when the call before has settled: one question at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    device: EngineDevice,
    { memory, kernels, card }: Owned,
    arch: Arch,
    model: GpuModel,
    options: EngineOptions,
  ) {
    this.device = device;
    this.vocabSize = arch.vocab;
    this.maskId = arch.ids.mask ?? -1;
    this.endIds = endIds(arch);
    this.maxLength = arch.maxLength;
    this.#arch = arch;
    this.#memory = memory;
    this.#model = model;
    this.#card = card;
    this.#kernels = kernels;
    this.#passes = new Passes(new Forward(device, kernels, memory, arch, model));
    this.#decoder = new Decoder(device, kernels, memory, arch, model);
    this.#picker = new Picker(device.gpu, kernels, model);
    this.#tuner = new Tuner(device, this.#passes, arch, model, options);
  }

  /**
   * Uploads a model, or packs what a trainer holds on the same device (f32; `precision` has no effect). Throws
   * `UnmaskError`, code `device` when the card cannot hold or run it.
   */
  static async create(
    device: EngineDevice,
    { arch, weights }: { readonly arch: Arch; readonly weights: Weights | CardWeights },
    options: EngineOptions = {},
  ): Promise<Engine> {
    checkSupported(arch, MAX_HEAD);
    const { gpu } = device;
    const memory = new Memory(gpu);
    const kernels = new Kernels(gpu);
    try {
      const card = 'onCard' in weights ? new CardLoader(gpu, kernels, memory, weights) : undefined;
      const model = await ('onCard' in weights
        ? placeModel(gpu, arch, card as CardLoader, options)
        : uploadModel(gpu, memory, arch, weights, options));
      return await guarded(gpu, 'making buffers', () => {
        card?.refresh();
        return new Engine(device, { memory, kernels, card }, arch, model, options);
      });
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }

  /**
   * Takes over what the trainer holds now; everything remembered of earlier canvases goes. Nothing happens to a model that
   * was uploaded.
   */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      const card = this.#card;
      if (card === undefined) return;
      await this.#guarded('taking over weights', () => card.refresh());
      this.#passes.clear();
    });
  }

  /** Forward passes since the engine was created. */
  get forwardCount(): number {
    return this.#passes.forwards;
  }

  /** Positions that went through the network in them. */
  get rowCount(): number {
    return this.#passes.rows;
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
    return readAnswers(await this.#readable(reading), slots, topK, cost);
  }

  /**
   * Of causal models: the token after `ids`. Keys and values of the text read last stay on the card, so that a text which
   * goes on from there costs one row per new token. Throws `UnmaskError` code `canvas`.
   */
  async next(request: NextRequest): Promise<Prediction> {
    const text = structuredClone(request);
    const { reading, ...cost } = await this.#inTurn(() => this.#askNext(text));
    const answers = await this.#readable(reading);
    return readAnswers(answers, Int32Array.of(text.ids.length), text.topK, cost);
  }

  /** Of causal models: log p(id at t | the ids before it), nats, `[T − 1]`, in one pass. Throws `UnmaskError` code `canvas`. */
  async score(text: Int32Array): Promise<Float32Array> {
    const ids = Int32Array.from(text);
    checkCanvas(ids, this);
    if (ids.length === 1) return new Float32Array(0);
    return this.#scored(() => this.#askScore(ids));
  }

  /** Submits one question: at most two forward passes, the decoder and the copy of its answers in one command buffer. */
  async #ask(asked: PredictRequest) {
    checkRequest(asked, this);
    const { ids, slots, draw, topK, suppress = [], guidance, fresh, reuse } = asked;
    if (slots.length === 0) return { reading: Promise.resolve(new Uint32Array(0)), forwards: 0, rows: 0 };
    const partial = reuse === undefined || isSame(ids, reuse.anchor) ? undefined : reuse;
    const keep = reuse !== undefined;
    const { forwards, rows } = this.#passes;
    if (partial && !this.#passes.kept.holds(partial)) {
      await this.#prepare(ids.length, slots.length, { keep });
      await this.#runNow(partial.anchor, true);
    }
    await this.#prepare(ids.length, slots.length, { keep, rows: partial && partial.to - partial.from });
    const { reading } = await this.#submit((pass) => {
      const conditional = partial
        ? this.#passes.shelveRows(ids, pass, partial, fresh)
        : this.#passes.shelve(ids, pass, 0, fresh);
      const unconditional = guidance ? this.#passes.shelve(guidance.unconditional, pass, 1, fresh) : conditional;
      return { slots, draw, topK, suppress, guidance: guidance?.scale ?? 0, conditional, unconditional };
    });
    return { reading, forwards: this.#passes.forwards - forwards, rows: this.#passes.rows - rows };
  }

  async #askNext(text: NextRequest) {
    const { ids, slots, draw, topK, suppress = [] } = checkNext(text, this);
    const to = ids.length;
    const from = Math.min(this.#passes.kept.prefix(ids), to - 1);
    await this.#prepare(to, 1, { keep: true, rows: to - from });
    const { reading } = await this.#submit((pass) => {
      // The last row answers slot T.
      const row = this.#passes.readOn(ids, pass, { from, to }) + (to - from - 1) - to;
      return { slots, draw, topK, suppress, guidance: 0, conditional: row, unconditional: row };
    });
    return { reading, forwards: 1, rows: to - from };
  }

  async #askScore(ids: Int32Array<ArrayBuffer>): Promise<Score> {
    const to = ids.length - 1;
    await this.#prepare(to, to, { keep: true });
    const row = (pass: GPUComputePassEncoder) => this.#passes.readOn(ids.subarray(0, to), pass, { from: 0, to });
    return this.#submitScore(
      Int32Array.from({ length: to }, (_, slot) => slot),
      ids.slice(1),
      [],
      row,
    );
  }

  async #askTargets({ ids, slots, targets, suppress = [] }: TargetRequest): Promise<Score> {
    await this.#prepare(ids.length, slots.length);
    return this.#submitScore(slots, targets, suppress, (pass) => this.#passes.shelve(ids, pass, 0));
  }

  /** Queues log-sum-exp and one token's logit of each slot of the canvas that `rowOf` lays down. */
  async #submitScore(
    slots: Int32Array,
    targets: Int32Array,
    suppress: readonly number[],
    rowOf: (pass: GPUComputePassEncoder) => number,
  ): Promise<Score> {
    await this.#picker.prepare();
    let picking: Picking | undefined;
    const { reading } = await this.#submit(
      (pass) => {
        const row = rowOf(pass);
        picking = this.#picker.encode(pass, this.#passes.forward.hidden, row, slots, targets);
        const draw = { seed: 0, step: 0, temperature: 0 };
        return { slots, draw, topK: 0, suppress, guidance: 0, conditional: row, unconditional: row };
      },
      (encoder) => picking?.copy(encoder),
    );
    return { reading, picking: (picking as unknown as Picking).read(), slots };
  }

  /** log p of each slot's token. */
  async #scored(ask: () => Promise<Score>): Promise<Float32Array> {
    const { reading, picking, slots } = await this.#inTurn(ask);
    const [answers, logits] = await this.#readable(Promise.all([reading, picking]));
    const { logSumExp } = readAnswers(answers, slots, 0, { forwards: 1, rows: slots.length });
    return logits.map((logit, m) => logit - (logSumExp[m] as number));
  }

  /** Submits passes that `work` adds, the decoder's job that it returns, and the copy of the answers; reads them. */
  async #submit(
    work: (pass: GPUComputePassEncoder) => DecodeJob,
    copy?: (encoder: GPUCommandEncoder) => void,
  ): Promise<{ reading: Promise<Uint32Array<ArrayBuffer>> }> {
    return this.#guarded('predicting', () => {
      const encoder = this.device.gpu.createCommandEncoder({ label: 'predict' });
      const pass = encoder.beginComputePass();
      const job = work(pass);
      this.#decoder.encode(pass, job);
      pass.end();
      this.#decoder.copy(encoder, job);
      copy?.(encoder);
      this.device.gpu.queue.submit([encoder.finish()]);
      // Mapped in the same task, so that the answer is on its way while the scopes are checked.
      const reading = this.#decoder.read(job);
      reading.catch(() => {});
      return { reading };
    });
  }

  /** Compiles every kernel and makes every buffer that questions about canvases of this length need. */
  warm(tokens: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#prepare(tokens, tokens);
      if (await this.#tuner.choose(tokens)) await this.#prepare(tokens, tokens);
    });
  }

  /**
   * Raw logits `[to − from, V]` of rows `[from, to)`, all rows unless told; `from` is a multiple of 64. For inspection and
   * tests: the only place where logits are written out. Asking for the rows of one canvas in parts takes one forward pass.
   */
  logits(ids: Int32Array, from = 0, to = ids.length): Promise<Float32Array<ArrayBuffer>> {
    return this.#inTurn(async () => {
      checkCanvas(ids, this);
      await this.#prepare(ids.length, 1);
      const first = await this.#runNow(ids);
      const rows = { buffer: this.#passes.forward.hidden, first: first + from, count: to - from };
      return readLogits(this.device.gpu, this.#kernels, this.#model, this.#arch, rows);
    });
  }

  /** Two numbers per slot come back: its token's logit, and the log-sum-exp of all. */
  async targetLogProbs(request: TargetRequest): Promise<Float32Array> {
    const asked = structuredClone(request);
    const { slots, targets, suppress = [] } = asked;
    checkTargets(this, asked);
    if (slots.length === 0) return new Float32Array(0);
    const off = new Set(suppress);
    const logProbs = await this.#scored(() => this.#askTargets(asked));
    return logProbs.map((logProb, m) => (off.has(targets[m] as number) ? Number.NEGATIVE_INFINITY : logProb));
  }

  /** Time per kernel of one step that asks every slot, as the card's own clock tells it. Throws `device` where it has none. */
  profile(ids: Int32Array): Promise<KernelTime[]> {
    return this.#inTurn(async () => {
      checkCanvas(ids, this);
      await this.#prepare(ids.length, ids.length);
      this.#passes.clear(); // this pass overwrites what they left
      this.#passes.forward.load(ids);
      const draw = { seed: 0, step: 0, temperature: 1 };
      const first = this.#passes.forward.shelfRow(0);
      const rows = { guidance: 0, conditional: first, unconditional: first };
      this.#decoder.load({ slots: Int32Array.from(ids.keys()), draw, topK: 8, suppress: [], ...rows });
      return timeDispatches(this.device.gpu, [
        ...this.#passes.forward.dispatches(ids.length, 0),
        ...this.#decoder.dispatches(ids.length),
      ]);
    });
  }

  /** Bytes on the card: what stays as long as the model, and room for activations and remembered canvases. */
  get memory(): { readonly model: number; readonly work: number } {
    return { model: this.#memory.bytes, work: this.#passes.forward.bytes };
  }

  get bytes(): number {
    return this.#memory.bytes + this.#passes.forward.bytes;
  }

  /** Tiles of each class of canvases asked so far, and whether they were measured on this card. */
  get choices(): readonly TileChoice[] {
    return this.#tuner.choices;
  }

  /** Frees everything; the device stays open. Calls in flight are rejected. */
  destroy(): void {
    this.#destroyed = true;
    this.#passes.forward.destroy();
    this.#memory.destroy();
  }

  /** Buffers and pipelines for a canvas of this length, of which this many slots are asked, and `rows` are run. */
  async #prepare(tokens: number, slots: number, { rows = tokens, keep = false } = {}): Promise<void> {
    await this.#passes.prepare(tokens, rows, keep);
    await this.#decoder.prepare(this.#passes.forward.hidden, slots);
  }

  /** A pass in a submission of its own: what it loads is not what the question after it loads. */
  #runNow(ids: Int32Array, fresh = false): Promise<number> {
    return this.#guarded('running the model', () => {
      const encoder = this.device.gpu.createCommandEncoder({ label: 'forward' });
      const pass = encoder.beginComputePass();
      const row = this.#passes.shelve(ids, pass, 0, fresh);
      pass.end();
      this.device.gpu.queue.submit([encoder.finish()]);
      return row;
    });
  }

  #readable<T>(reading: Promise<T>): Promise<T> {
    return reading.catch((cause) => {
      throw this.#destroyed ? closed() : gpuError('reading the answers', cause);
    });
  }

  async #guarded<T>(doing: string, work: () => T): Promise<T> {
    try {
      return await guarded(this.device.gpu, doing, work);
    } catch (error) {
      this.#passes.clear();
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
