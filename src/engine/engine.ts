/**
 * ModernBERT on WebGPU: the `Network` of a real graphics card. A prediction is at most two forward passes (one without
 * guidance, none when the canvas was asked before), one decode, and one readback of a few numbers per slot.
 */

import type { CardWeights } from '../checkpoint/card-weights.ts';
import type { Weights } from '../checkpoint/model.ts';
import { networkInfo } from '../checkpoint/network-info.ts';
import { checkCanvas, checkPredict, checkScore } from '../diffusion/check.ts';
import type { UnmaskError } from '../diffusion/error.ts';
import {
  type CacheUse,
  type DrawnSequence,
  type Network,
  type NetworkInfo,
  type Prediction,
  type PredictOptions,
  rowOf,
  type Sequence,
  tokensRead,
} from '../diffusion/network.ts';
import type { Arch } from '../model/arch.ts';
import { joinAnswers, readAnswers } from './answers.ts';
import { CardLoader } from './card-loader.ts';
import { type DecodeJob, Decoder } from './decoder.ts';
import { deviceError, type EngineDevice, gpuError, guarded } from './device.ts';
import { Forward } from './forward.ts';
import type { Anchored } from './kept.ts';
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

/** One sequence of a batch with what is asked of all of them. */
type Asked = DrawnSequence & PredictOptions;

/** Where row 0 of a canvas lies in the hidden rows, or would lie: passes over some rows have only those. */
type RowZero = (pass: GPUComputePassEncoder) => number;

export class Engine implements Network {
  readonly info: NetworkInfo;
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
    this.info = networkInfo(arch);
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
   * Sequences are asked one after the other, without waiting for an answer in between. An id of −1 with log-probability −∞
   * stands where every id is suppressed.
   */
  async predict(batch: readonly DrawnSequence[], options: PredictOptions): Promise<readonly Prediction[]> {
    checkPredict(batch, options, this.info);
    // Copied now: the caller may go on writing to its canvas while this question waits.
    return this.#all(structuredClone(batch), async (sequence) => {
      const parts = await this.#all(this.#parts(sequence.asked), async (asked) => {
        const { reading, ...cost } = await this.#inTurn(() => this.#ask({ ...sequence, ...options, asked }));
        // The turn has ended: the card may take up the next question while these answers are read.
        return readAnswers(await this.#readable(reading), asked, options.topK, cost);
      });
      return joinAnswers(parts);
    });
  }

  /** Two numbers per slot come back: its token's logit, and the log-sum-exp of all. */
  async score(
    batch: readonly Sequence[],
    targets: readonly Int32Array[],
    options: Pick<PredictOptions, 'suppress'> = {},
  ): Promise<readonly Float32Array[]> {
    checkScore(batch, targets, options, this.info);
    const { suppress = [] } = options;
    const off = new Set(suppress);
    const wanted = structuredClone(targets);
    return this.#all(structuredClone(batch), async (sequence, at) => {
      const ids = wanted[at] as Int32Array;
      const logProbs = new Float32Array(ids.length);
      let first = 0;
      await this.#all(this.#parts(sequence.asked), async (asked) => {
        const from = first;
        first += asked.length;
        if (asked.length === 0) return;
        const targets = ids.subarray(from, first);
        const { reading, picking } = await this.#inTurn(() =>
          this.#askTargets({ ...sequence, asked }, targets, suppress),
        );
        const [answers, logits] = await this.#readable(Promise.all([reading, picking]));
        const { logSumExp } = readAnswers(answers, asked, 0, { forwards: 1, rows: asked.length });
        logits.forEach((logit, m) => {
          logProbs[from + m] = off.has(targets[m] as number) ? -Infinity : logit - (logSumExp[m] as number);
        });
      });
      return logProbs;
    });
  }

  /** Every answer, or the first error once none is in flight any more. */
  async #all<S, A>(batch: readonly S[], ask: (one: S, at: number) => Promise<A>): Promise<A[]> {
    const answers = await Promise.allSettled(batch.map(ask));
    return answers.map((answer) => {
      if (answer.status === 'rejected') throw answer.reason;
      return answer.value;
    });
  }

  /** Submits one question: at most two forward passes, the decoder and the copy of its answers in one command buffer. */
  async #ask({ asked: slots, draw, topK, suppress = [], guidance, fresh = false, ...sequence }: Asked) {
    if (slots.length === 0) return { reading: Promise.resolve(new Uint32Array(0)), forwards: 0, rows: 0 };
    const { forwards, rows } = this.#passes;
    const shift = this.#shiftOf(slots);
    const rowZero = await this.#lay({ ...sequence, asked: slots }, fresh);
    const { reading } = await this.#submit((pass) => {
      const conditional = rowZero(pass) - shift;
      const unconditional = guidance
        ? this.#passes.shelve(this.#read({ ids: guidance.unconditional, asked: slots }), pass, 1, fresh) - shift
        : conditional;
      return { slots, draw, topK, suppress, guidance: guidance?.scale ?? 0, conditional, unconditional };
    });
    return { reading, forwards: this.#passes.forwards - forwards, rows: this.#passes.rows - rows };
  }

  /** Queues log-sum-exp and one token's logit of each asked slot. */
  async #askTargets(sequence: Sequence, targets: Int32Array, suppress: readonly number[]): Promise<Score> {
    const { asked: slots } = sequence;
    const shift = this.#shiftOf(slots);
    await this.#picker.prepare();
    const rowZero = await this.#lay(sequence, false);
    let picking: Picking | undefined;
    const { reading } = await this.#submit(
      (pass) => {
        const row = rowZero(pass) - shift;
        picking = this.#picker.encode(pass, this.#passes.forward.hidden, row, slots, targets);
        const draw = { seed: 0, step: 0, temperature: 0 };
        return { slots, draw, topK: 0, suppress, guidance: 0, conditional: row, unconditional: row };
      },
      (encoder) => picking?.copy(encoder),
    );
    return { reading, picking: (picking as unknown as Picking).read() };
  }

  /** Makes room for what a question needs, and runs what must lie on the card before; what is left is one pass at most. */
  async #lay(sequence: Sequence, fresh: boolean): Promise<RowZero> {
    const { asked, cache } = sequence;
    const ids = this.#read(sequence);
    const count = asked.length;
    if (cache?.kind === 'exact') {
      const to = ids.length;
      const first = rowOf(asked[0] as number, this.info);
      const from = Math.min(this.#passes.kept.prefix(ids), cache.prefix, first);
      await this.#prepare(to, count, { keep: true, rows: to - from });
      return (pass) => this.#passes.readOn(ids, pass, { from, to }) - from;
    }
    const anchored = cache && this.#shorten(cache, ids.length);
    const partial = anchored && !isSame(ids, anchored.anchor) ? anchored : undefined;
    const keep = cache !== undefined;
    if (partial && !this.#passes.kept.holds(partial)) {
      await this.#prepare(ids.length, count, { keep });
      await this.#runNow(partial.anchor, true);
    }
    await this.#prepare(ids.length, count, { keep, rows: partial && partial.to - partial.from });
    return (pass) =>
      partial ? this.#passes.shelveRows(ids, pass, partial, fresh) : this.#passes.shelve(ids, pass, 0, fresh);
  }

  /** The tokens that go through the network. */
  #read(sequence: Pick<Sequence, 'ids' | 'asked'>): Int32Array {
    return sequence.ids.subarray(0, tokensRead(sequence, this.info));
  }

  /** What follows is not seen by a causal network, in the anchor neither. */
  #shorten(cache: CacheUse & { kind: 'anchored' }, length: number): Anchored {
    return { anchor: cache.anchor.subarray(0, length), from: cache.from, to: Math.min(cache.to, length) };
  }

  /** Slots whose rows lie equally far before them: with a logit shift, slot 0 and all others. */
  #parts(slots: Int32Array): Int32Array[] {
    const apart = this.info.logitShift > 0 && slots[0] === 0 && slots.length > 1;
    return apart ? [slots.slice(0, 1), slots.slice(1)] : [slots];
  }

  /** How far before the slots of a part their rows lie. */
  #shiftOf(slots: Int32Array): number {
    return slots[0] === 0 ? 0 : this.info.logitShift;
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
      checkCanvas(ids, this.info);
      await this.#prepare(ids.length, 1);
      const first = await this.#runNow(ids);
      const rows = { buffer: this.#passes.forward.hidden, first: first + from, count: to - from };
      return readLogits(this.device.gpu, this.#kernels, this.#model, this.#arch, rows);
    });
  }

  /** Time per kernel of one step that asks every slot, as the card's own clock tells it. Throws `device` where it has none. */
  profile(ids: Int32Array): Promise<KernelTime[]> {
    return this.#inTurn(async () => {
      checkCanvas(ids, this.info);
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
