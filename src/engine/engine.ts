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
import { editRates } from '../diffusion/edit-flow/rates.ts';
import type { UnmaskError } from '../diffusion/error.ts';
import {
  type Draw,
  type DrawnSequence,
  type EditRates,
  type Network,
  type NetworkInfo,
  type Prediction,
  type PredictOptions,
  rowOf,
  type Sequence,
  tokensRead,
} from '../diffusion/network.ts';
import { Stream } from '../diffusion/rng.ts';
import type { Arch } from '../model/arch.ts';
import { readAnswers } from './answers.ts';
import { PackedBase } from './base.ts';
import { CardLoader } from './card-loader.ts';
import { type DecodeJob, Decoder } from './decoder.ts';
import { deviceError, type EngineDevice, gpuError, guarded } from './device.ts';
import { Forward } from './forward.ts';
import { type Kernels, kernelsOf } from './kernel.ts';
import { MAX_HEAD } from './kernels/attention.ts';
import { type Asked, answerWords } from './kernels/decode.ts';
import { readLogits } from './logits.ts';
import { withLowRanks } from './low-rank.ts';
import { Memory } from './memory.ts';
import { type Batch, type Cost, Passes, type Wanted } from './passes.ts';
import { Picker, type Picking } from './picker.ts';
import { type KernelTime, timeDispatches } from './profile.ts';
import { type TileChoice, Tuner, type TunerOptions } from './tuner.ts';
import { checkSupported, EDIT_KINDS, type GpuModel, placeModel } from './upload.ts';
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

/** What an edit network answers with beside the decoder. */
interface Editing {
  readonly insertions: Decoder;
  readonly rates: Picker;
}

/** Low ranks and the model with them. */
interface Adapted {
  readonly lowRank: readonly LowRank[];
  readonly memory: Memory;
  readonly model: GpuModel;
}

/** Answers on their way, `answerWords` words per asked slot, and what each sequence took. */
interface Reading {
  readonly words: Promise<Uint32Array>;
  readonly costs: readonly Cost[];
}

/** The same, and the logits of the asked tokens. */
interface Scoring extends Reading {
  readonly logits: Promise<Float32Array>;
}

const NO_DRAW: Draw = { seed: 0, step: 0, temperature: 0 };

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
  readonly #decoder: Decoder;
  readonly #picker: Picker;
  /** Of an edit network. */
  readonly #editing: Editing | undefined;
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
    const decoder = { parts: model.decoder, bias: model.decoderBias };
    this.#decoder = new Decoder(device, kernels, memory, arch, decoder);
    this.#picker = new Picker(device.gpu, kernels, decoder);
    const { edits } = model;
    this.#editing = edits && {
      insertions: new Decoder(device, kernels, memory, arch, edits.insertions, Stream.Insertion),
      rates: new Picker(device.gpu, kernels, edits.rates),
    };
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
    for (const part of this.#parts(asked)) answers.push(...(await this.#answer(part, how)));
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
    for (const part of this.#parts(asked)) {
      scores.push(...(await this.#score(part, ids.slice(scores.length, scores.length + part.length), suppress)));
    }
    return scores;
  }

  /** What `predict` gives, the same of insertions, and three rates per slot. */
  async edits(batch: readonly DrawnSequence[], options: PredictOptions): Promise<readonly EditRates[]> {
    const asked = structuredClone(batch);
    const how = structuredClone(options);
    checkEdits(asked, how, this.info);
    const answers: EditRates[] = [];
    for (const part of this.#parts(asked)) answers.push(...(await this.#edits(part, how)));
    return answers;
  }

  /** A batch in parts that one submission can hold. */
  #parts<S extends Sequence>(batch: readonly S[]): S[][] {
    const most = this.#passes.forward.mostRows(batch.some(({ cache }) => cache !== undefined));
    const parts: S[][] = [];
    let rows = Number.POSITIVE_INFINITY;
    for (const sequence of batch) {
      const own = sequence.ids.length * ('guidance' in sequence && sequence.guidance ? 2 : 1);
      if (rows + own > most) {
        parts.push([]);
        rows = 0;
      }
      (parts.at(-1) as S[]).push(sequence);
      rows += own;
    }
    return parts;
  }

  async #answer(batch: readonly DrawnSequence[], options: PredictOptions): Promise<Prediction[]> {
    const { topK } = options;
    const { words, costs } = await this.#inTurn(() => this.#ask(batch, options));
    // The turn has ended: the card may take up the next question while these answers are read.
    const answers = await this.#readable(words);
    let at = 0;
    return batch.map(({ asked }, i) => {
      const from = at;
      at += asked.length * answerWords(topK);
      return readAnswers(answers.subarray(from, at), asked, topK, costs[i] as Cost);
    });
  }

  async #edits(batch: readonly DrawnSequence[], options: PredictOptions): Promise<EditRates[]> {
    const { topK } = options;
    const { words, insertions, rates, costs } = await this.#inTurn(() => this.#askEdits(batch, options));
    const [set, insert, given] = await this.#readable(Promise.all([words, insertions, rates]));
    const stride = answerWords(topK);
    let at = 0;
    return batch.map(({ asked }, i) => {
      const from = at;
      at += asked.length;
      const read = (all: Uint32Array) =>
        readAnswers(all.subarray(from * stride, at * stride), asked, topK, costs[i] as Cost);
      const own = Array.from(asked, (_, m) => {
        const [s, r, n] = given.subarray(EDIT_KINDS * (from + m), EDIT_KINDS * (from + m + 1));
        return [s as number, r as number, n as number] as const;
      });
      return editRates(own, read(set), read(insert), { firstIsFixed: this.info.logitShift === 1 });
    });
  }

  async #score(batch: readonly Sequence[], targets: readonly Int32Array[], suppress: readonly number[]) {
    const { words, logits } = await this.#inTurn(() => this.#askScores(batch, targets, suppress));
    const [answers, picked] = await this.#readable(Promise.all([words, logits]));
    const off = new Set(suppress);
    let at = 0;
    return batch.map(({ asked }, i) => {
      const own = answers.subarray(at * answerWords(0), (at + asked.length) * answerWords(0));
      const { logSumExp } = readAnswers(own, asked, 0, { forwards: 0, rows: 0 });
      return Float32Array.from(targets[i] as Int32Array, (id, m) => {
        const logit = picked[at++] as number;
        return off.has(id) ? Number.NEGATIVE_INFINITY : logit - (logSumExp[m] as number);
      });
    });
  }

  /** Submits one question: forward passes, the decoder and the copy of its answers. */
  async #ask(batch: readonly DrawnSequence[], { topK, suppress = [], fresh }: PredictOptions): Promise<Reading> {
    // The unconditional canvas of a guided sequence follows it.
    const wanted = batch.flatMap((sequence): Wanted[] => {
      if (sequence.asked.length === 0) return [];
      const own = this.#wanted(sequence);
      return sequence.guidance ? [own, { ...own, ids: sequence.guidance.unconditional }] : [own];
    });
    const { passes, bases, costs } = await this.#passes.plan(wanted, fresh);
    let next = 0;
    const asked: Asked[] = [];
    const costsOf = batch.map(({ asked: slots, draw, guidance }): Cost => {
      if (slots.length === 0) return { forwards: 0, rows: 0 };
      const own = next;
      next += guidance ? 2 : 1;
      const [base, other] = [bases[own] as number, bases[next - 1] as number];
      for (const slot of slots) {
        const row = rowOf(slot, this.info);
        asked.push({ slot, draw, guidance: guidance?.scale ?? 0, conditional: base + row, unconditional: other + row });
      }
      return costs
        .slice(own, next)
        .reduce((sum, { forwards, rows }) => ({ forwards: sum.forwards + forwards, rows: sum.rows + rows }));
    });
    if (asked.length === 0) return { words: Promise.resolve(new Uint32Array(0)), costs: costsOf };
    await this.#decoder.prepare(this.#passes.forward.hidden, asked.length);
    const { words } = await this.#submit(passes, { asked, topK, suppress });
    return { words, costs: costsOf };
  }

  /** Queues both decoders and the rates of each asked slot. */
  async #askEdits(batch: readonly DrawnSequence[], { topK, suppress = [], fresh }: PredictOptions) {
    const some = batch.filter(({ asked }) => asked.length > 0);
    const {
      passes,
      bases,
      costs: made,
    } = await this.#passes.plan(
      some.map((sequence) => this.#wanted(sequence)),
      fresh,
    );
    const costs = batch.map((sequence): Cost => made[some.indexOf(sequence)] ?? { forwards: 0, rows: 0 });
    // In networks whose rows speak of the next slot, only the insertion is of the slot's own row.
    const rowsOf = (row: (slot: number) => number) =>
      some.flatMap(({ asked, draw }, i) =>
        Array.from(asked, (slot): Asked => {
          const at = (bases[i] as number) + row(slot);
          return { slot, draw, guidance: 0, conditional: at, unconditional: at };
        }),
      );
    const [asked, inserted] = [rowsOf((slot) => rowOf(slot, this.info)), rowsOf((slot) => slot)];
    if (asked.length === 0) {
      const none = Promise.resolve(new Uint32Array(0));
      return { words: none, insertions: none, rates: Promise.resolve(new Float32Array(0)), costs };
    }
    const { insertions, rates } = this.#editing as Editing;
    const { hidden } = this.#passes.forward;
    const count = asked.length;
    await Promise.all([this.#decoder.prepare(hidden, count), insertions.prepare(hidden, count), rates.prepare()]);
    const kinds = Int32Array.from({ length: EDIT_KINDS * count }, (_, i) => i % EDIT_KINDS);
    const rows = Uint32Array.from(kinds, (kind, i) => {
      const at = Math.floor(i / EDIT_KINDS);
      return ((kind === EDIT_KINDS - 1 ? inserted : asked)[at] as Asked).conditional;
    });
    const job: DecodeJob = { asked: inserted, topK, suppress };
    let picking: Picking | undefined;
    const { words } = await this.#submit(
      passes,
      { asked, topK, suppress },
      (pass) => {
        insertions.encode(pass, job);
        picking = rates.encode(pass, hidden, rows, kinds);
      },
      (encoder) => {
        insertions.copy(encoder, job);
        picking?.copy(encoder);
      },
    );
    const reading = { insertions: insertions.read(job), rates: (picking as unknown as Picking).read() };
    for (const each of Object.values(reading)) each.catch(() => {});
    return { words, ...reading, costs };
  }

  /** Queues log-sum-exp and one token's logit of each asked slot. */
  async #askScores(batch: readonly Sequence[], targets: readonly Int32Array[], suppress: readonly number[]) {
    const some = batch.filter(({ asked }) => asked.length > 0);
    const { passes, bases, costs } = await this.#passes.plan(some.map((sequence) => this.#wanted(sequence)));
    const asked = some.flatMap(({ asked: slots }, i) =>
      Array.from(slots, (slot): Asked => {
        const row = (bases[i] as number) + rowOf(slot, this.info);
        return { slot, draw: NO_DRAW, guidance: 0, conditional: row, unconditional: row };
      }),
    );
    if (asked.length === 0) {
      const nothing = { words: Promise.resolve(new Uint32Array(0)), logits: Promise.resolve(new Float32Array(0)) };
      return { ...nothing, costs } satisfies Scoring;
    }
    const ids = Int32Array.from(targets.flatMap((own) => [...own]));
    const rows = Uint32Array.from(asked, ({ conditional }) => conditional);
    const { hidden } = this.#passes.forward;
    await Promise.all([this.#picker.prepare(), this.#decoder.prepare(hidden, asked.length)]);
    let picking: Picking | undefined;
    const { words } = await this.#submit(
      passes,
      { asked, topK: 0, suppress },
      (pass) => {
        picking = this.#picker.encode(pass, hidden, rows, ids);
      },
      (encoder) => picking?.copy(encoder),
    );
    return { words, logits: (picking as unknown as Picking).read(), costs } satisfies Scoring;
  }

  #wanted(sequence: Sequence): Wanted {
    const { ids, positions, asked, cache, sees } = sequence;
    // A text that goes on is read up to where it is asked, the rest when it is needed.
    const read = cache?.kind === 'exact' ? tokensRead(sequence, this.info) : ids.length;
    const first = rowOf(asked[0] as number, this.info);
    return { ids: ids.subarray(0, read), positions: positions?.subarray(0, read), sees, cache, first };
  }

  /** Submits passes, the last with the decoder's job and the copy of the answers; reads them. */
  async #submit(
    passes: Batch['passes'],
    job: DecodeJob,
    also?: (pass: GPUComputePassEncoder) => void,
    copy?: (encoder: GPUCommandEncoder) => void,
  ): Promise<{ words: Promise<Uint32Array<ArrayBuffer>> }> {
    const { forward } = this.#passes;
    return this.#guarded('predicting', () => {
      const { queue } = this.device.gpu;
      let words: Promise<Uint32Array<ArrayBuffer>> = Promise.resolve(new Uint32Array(0));
      passes.forEach((jobs, i) => {
        const encoder = this.device.gpu.createCommandEncoder({ label: 'predict' });
        const pass = encoder.beginComputePass();
        forward.encode(pass, jobs);
        const last = i === passes.length - 1;
        if (last) {
          this.#decoder.encode(pass, job);
          also?.(pass);
        }
        pass.end();
        if (last) {
          this.#decoder.copy(encoder, job);
          copy?.(encoder);
        }
        queue.submit([encoder.finish()]);
        // Mapped in the same task, so that the answer is on its way while the scopes are checked.
        if (last) words = this.#decoder.read(job);
      });
      words.catch(() => {});
      return { words };
    });
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
    await this.#decoder.prepare(forward.hidden, tokens);
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
      this.#decoder.load({ asked, topK: 8, suppress: [] });
      return timeDispatches(this.device.gpu, [...forward.dispatches(load), ...this.#decoder.dispatches(ids.length)]);
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
      this.#decoder.forget();
      this.#editing?.insertions.forget();
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
