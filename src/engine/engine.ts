/**
 * A network on WebGPU, on a real graphics card. A batch of sequences is one submission: a forward pass over the rows of
 * those that were not asked before, one decode, and one readback of a few numbers per slot. A second submission comes
 * before it where keys and values of an anchor or a prefix are missing.
 */

import type { Adapter, LowRank } from '../checkpoint/adapter/adapter.ts';
import type { CardWeights } from '../checkpoint/card-weights.ts';
import type { Weights } from '../checkpoint/model.ts';
import { networkInfo } from '../checkpoint/network-info.ts';
import { checkCanvas, checkEdits, checkPredict, checkScore } from '../diffusion/check.ts';
import type { UnmaskError } from '../diffusion/error.ts';
import type {
  DrawnSequence,
  EditRates,
  Network,
  NetworkInfo,
  Prediction,
  PredictOptions,
  Sequence,
} from '../diffusion/network.ts';
import type { Arch } from '../model/arch.ts';
import { readEdits, readPredictions, readScores } from './answers.ts';
import { PackedBase } from './base.ts';
import { CardLoader } from './card-loader.ts';
import { deviceError, type EngineDevice, gpuError, guarded } from './device.ts';
import { Forward } from './forward.ts';
import { type Kernels, kernelsOf } from './kernel.ts';
import { MAX_HEAD } from './kernels/attention.ts';
import { readLogits } from './logits.ts';
import { withLowRanks } from './low-rank.ts';
import { Memory } from './memory.ts';
import { Passes } from './passes.ts';
import { type KernelTime, timeDispatches } from './profile.ts';
import { Questions } from './questions.ts';
import { type TileChoice, Tuner, type TunerOptions } from './tuner.ts';
import { checkSupported, type GpuModel, placeModel } from './upload.ts';
import type { UploadOptions } from './uploader.ts';

export type EngineOptions = UploadOptions & TunerOptions;

/** What an engine is given to keep. */
interface Owned {
  readonly memory: Memory;
  readonly kernels: Kernels;
  /** Where the weights are a trainer's. */
  readonly card: CardLoader | undefined;
  /** Otherwise: the weights, for whoever else computes with them. */
  readonly base: PackedBase | undefined;
}

/** Low ranks and the model with them. */
interface Adapted {
  readonly lowRank: readonly LowRank[];
  readonly memory: Memory;
  readonly model: GpuModel;
}

export class Engine implements Network {
  readonly info: NetworkInfo;
  readonly device: EngineDevice;

  readonly #arch: Arch;
  readonly #memory: Memory;
  readonly #kernels: Kernels;
  readonly #model: GpuModel;
  readonly #card: CardLoader | undefined;
  /** The weights, to be shared with a trainer on the same device; undefined where they are a trainer's. */
  readonly base: PackedBase | undefined;
  /** The adapter in use, if any. */
  #adapted: Adapted | undefined;
  readonly #passes: Passes;
  readonly #questions: Questions;
  readonly #tuner: Tuner;
  #destroyed = false;
  /** Settles when the call before has settled: one question at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    device: EngineDevice,
    { memory, kernels, card, base }: Owned,
    arch: Arch,
    model: GpuModel,
    options: EngineOptions,
  ) {
    this.device = device;
    this.info = { ...networkInfo(arch), tellsPositions: true };
    this.#arch = arch;
    this.#memory = memory;
    this.base = base;
    this.#model = model;
    this.#card = card;
    this.#kernels = kernels;
    this.#passes = new Passes(new Forward(device, kernels, memory, arch, model), arch);
    this.#questions = new Questions(
      device,
      { kernels, memory, passes: this.#passes },
      { arch, model, info: this.info },
    );
    this.#tuner = new Tuner(device, this.#passes, model, options);
  }

  /**
   * Uploads a model, packs what a trainer holds on the same device (f32; `precision` has no effect), or shares what is
   * packed there already. Throws `UnmaskError`, code `device` when the card cannot hold or run it.
   */
  static async create(
    device: EngineDevice,
    { arch, weights }: { readonly arch: Arch; readonly weights: Weights | CardWeights | PackedBase },
    options: EngineOptions = {},
  ): Promise<Engine> {
    checkSupported(arch, MAX_HEAD);
    const { gpu } = device;
    const memory = new Memory(gpu);
    const kernels = kernelsOf(gpu);
    let base: PackedBase | undefined;
    try {
      const card = 'onCard' in weights ? new CardLoader(gpu, kernels, memory, weights) : undefined;
      if (weights instanceof PackedBase) base = weights.share();
      else if (!('onCard' in weights)) base = await PackedBase.create(device, { arch, weights }, options);
      const model = base?.model ?? (await placeModel(gpu, arch, card as CardLoader, options));
      return await guarded(gpu, 'making buffers', () => {
        card?.refresh();
        return new Engine(device, { memory, kernels, card, base }, arch, model, options);
      });
    } catch (error) {
      memory.destroy();
      base?.destroy();
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

  /**
   * Adds the low ranks of an adapter to all that is asked from now on, `weight` times; another weight of the one in use
   * writes a number. Without an adapter, and at weight 0, the answers are those of the base, to the bit. Throws
   * `UnmaskError` code `device` where the card has no room.
   */
  setAdapter(adapter: Pick<Adapter, 'lowRank'> | undefined, weight = 1): Promise<void> {
    return this.#inTurn(async () => {
      const wanted = weight === 0 ? undefined : adapter?.lowRank;
      const old = this.#adapted;
      if (wanted !== old?.lowRank) this.#adapted = wanted && (await this.#adapt(wanted));
      this.#passes.forward.setModel(this.#adapted?.model ?? this.#model, weight);
      this.#passes.clear();
      if (old !== this.#adapted) old?.memory.destroy();
    });
  }

  async #adapt(lowRank: readonly LowRank[]): Promise<Adapted> {
    const memory = new Memory(this.device.gpu);
    try {
      return await this.#guarded('making buffers', () => ({
        lowRank,
        memory,
        model: withLowRanks(this.device.gpu, memory, this.#model, lowRank),
      }));
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }

  /** Forward passes over a sequence since the engine was created. */
  get forwardCount(): number {
    return this.#passes.forwards;
  }

  /** Positions that went through the network in them. */
  get rowCount(): number {
    return this.#passes.rows;
  }

  /** An id of −1 with log-probability −∞ stands where every id is suppressed. */
  async predict(batch: readonly DrawnSequence[], options: PredictOptions): Promise<readonly Prediction[]> {
    // Copied now: the caller may go on writing to its canvases while this question waits.
    const asked = structuredClone(batch);
    const how = structuredClone(options);
    checkPredict(asked, how, this.info);
    const answers: Prediction[] = [];
    for (const part of this.#questions.parts(asked)) {
      const { words, costs } = await this.#inTurn(() => this.#questions.predict(part, how));
      // The turn has ended: the card may take up the next question while these answers are read.
      answers.push(...readPredictions(part, await this.#readable(words), costs, how.topK));
    }
    return answers;
  }

  /** Two numbers per slot come back: its token's logit, and the log-sum-exp of all. */
  async score(
    batch: readonly Sequence[],
    targets: readonly Int32Array[],
    options: Pick<PredictOptions, 'suppress'> = {},
  ): Promise<readonly Float32Array[]> {
    const asked = structuredClone(batch);
    const ids = structuredClone(targets);
    const { suppress = [] } = structuredClone(options);
    checkScore(asked, ids, options, this.info);
    const scores: Float32Array[] = [];
    for (const part of this.#questions.parts(asked)) {
      const own = ids.slice(scores.length, scores.length + part.length);
      const reading = await this.#inTurn(() => this.#questions.score(part, own, suppress));
      const [words, logits] = await this.#readable(Promise.all([reading.words, reading.logits]));
      scores.push(...readScores(part, own, { words, logits }, suppress));
    }
    return scores;
  }

  /** What `predict` gives, the same of insertions, and three rates per slot. */
  async edits(batch: readonly DrawnSequence[], options: PredictOptions): Promise<readonly EditRates[]> {
    const asked = structuredClone(batch);
    const how = structuredClone(options);
    checkEdits(asked, how, this.info);
    const read = { topK: how.topK, firstIsFixed: this.info.logitShift === 1 };
    const answers: EditRates[] = [];
    for (const part of this.#questions.parts(asked)) {
      const reading = await this.#inTurn(() => this.#questions.edits(part, how));
      const all = Promise.all([reading.words, reading.insertions, reading.rates]);
      const [words, insertions, rates] = await this.#readable(all);
      answers.push(...readEdits(part, { words, insertions, rates }, reading.costs, read));
    }
    return answers;
  }

  /** Compiles every kernel and makes every buffer that questions about canvases of this length need. */
  warm(tokens: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#prepare(tokens);
      if (await this.#tuner.choose(tokens)) await this.#prepare(tokens);
    });
  }

  async #prepare(tokens: number): Promise<void> {
    const { forward } = this.#passes;
    // Guidance runs two canvases side by side.
    await forward.prepare({ rows: 2 * tokens, places: 0, keep: false, positions: 0 }, [tokens, 2 * tokens]);
    await this.#questions.prepare(tokens);
  }

  /**
   * Raw logits `[to − from, V]` of the network's rows `[from, to)`, all rows unless told; `from` is a multiple of 64. For
   * inspection and tests: the only place where logits are written out. Asking for the rows of one canvas in parts takes one
   * forward pass.
   */
  logits(ids: Int32Array, from = 0, to = ids.length, positions?: Int32Array): Promise<Float32Array<ArrayBuffer>> {
    return this.#inTurn(async () => {
      checkCanvas(ids, this.info);
      const { passes, bases } = await this.#passes.plan([{ ids, positions, first: 0 }]);
      await this.#guarded('running the model', () => {
        const encoder = this.device.gpu.createCommandEncoder({ label: 'forward' });
        const pass = encoder.beginComputePass();
        for (const jobs of passes) this.#passes.forward.encode(pass, jobs);
        pass.end();
        this.device.gpu.queue.submit([encoder.finish()]);
      });
      const rows = { buffer: this.#passes.forward.hidden, first: (bases[0] as number) + from, count: to - from };
      return readLogits(this.device.gpu, this.#kernels, this.#model, this.#arch, rows);
    });
  }

  /** Time per kernel of one step that asks every slot, as the card's own clock tells it. Throws `device` where it has none. */
  profile(ids: Int32Array): Promise<KernelTime[]> {
    return this.#inTurn(async () => {
      checkCanvas(ids, this.info);
      await this.#prepare(ids.length);
      const { forward } = this.#passes;
      this.#passes.clear(); // this pass overwrites what they left
      const load = forward.load([{ text: { ids }, from: 0, to: ids.length, place: 0, hidden: 0 }]);
      const draw = { seed: 0, step: 0, temperature: 1 };
      const asked = Array.from(ids, (_, slot) => ({ slot, draw, guidance: 0, conditional: slot, unconditional: slot }));
      const answering = this.#questions.dispatches({ asked, topK: 8, suppress: [] });
      return timeDispatches(this.device.gpu, [...forward.dispatches(load), ...answering]);
    });
  }

  /** Bytes on the card: what stays as long as the model, and room for activations and remembered canvases. */
  get memory(): { readonly model: number; readonly work: number } {
    return { model: this.#ownBytes, work: this.#passes.forward.bytes };
  }

  get #ownBytes(): number {
    return this.#memory.bytes + (this.base?.bytes ?? 0);
  }

  get bytes(): number {
    return this.#ownBytes + this.#passes.forward.bytes;
  }

  /** Tiles of each class of canvases asked so far, and whether they were measured on this card. */
  get choices(): readonly TileChoice[] {
    return this.#tuner.choices;
  }

  /** Frees everything; the device stays open. Calls in flight are rejected. */
  destroy(): void {
    this.#destroyed = true;
    this.#passes.forward.destroy();
    this.#adapted?.memory.destroy();
    this.#memory.destroy();
    this.base?.destroy();
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
      this.#questions.forget();
      throw error;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      if (this.#destroyed) throw closed();
      try {
        return await work();
      } catch (error) {
        this.#passes.clear(); // what was planned was perhaps not run
        throw error;
      }
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

function closed(): UnmaskError {
  return deviceError('The model was closed.', 'Load the model again.');
}
