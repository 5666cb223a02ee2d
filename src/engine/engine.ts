/**
 * ModernBERT on WebGPU: the `Denoiser` of a real graphics card. A prediction is at most two forward passes (one without
 * guidance, none when the canvas was asked before), one decode, and one readback of a few numbers per slot.
 */

import type { CardWeights } from '../checkpoint/card-weights.ts';
import { endIds } from '../checkpoint/end-ids.ts';
import type { ModelConfig, Weights } from '../checkpoint/model.ts';
import { type Autoregressor, checkNext, type NextRequest } from '../diffusion/autoregressor.ts';
import { checkCanvas, checkRequest } from '../diffusion/check.ts';
import {
  blankPrediction,
  type Denoiser,
  type Prediction,
  type PredictRequest,
  type Reuse,
  type TargetRequest,
} from '../diffusion/denoiser.ts';
import type { UnmaskError } from '../diffusion/error.ts';
import { targetLogProbs } from '../diffusion/target-log-probs.ts';
import { CardLoader } from './card-loader.ts';
import { type DecodeJob, Decoder } from './decoder.ts';
import { deviceError, type EngineDevice, gpuError, guarded } from './device.ts';
import { Forward, type Place, type Range } from './forward.ts';
import { Kept } from './kept.ts';
import { Kernels } from './kernel.ts';
import { MAX_HEAD } from './kernels/attention.ts';
import { answerWords } from './kernels/decode.ts';
import type { Tile, TileName } from './kernels/matmul.ts';
import { readLogits } from './logits.ts';
import { Memory } from './memory.ts';
import { Picker, type Picking } from './picker.ts';
import { type KernelTime, timeDispatches } from './profile.ts';
import { isSame, Shelves } from './shelves.ts';
import { type Role, rowClass } from './tiles.ts';
import { allowedTiles, readVerdict, type TuningCache, tune, tuningKey, writeVerdict } from './tune.ts';
import { checkSupported, type GpuModel, type Layer, placeModel, uploadModel } from './upload.ts';
import type { UploadOptions } from './uploader.ts';

export interface EngineOptions extends UploadOptions {
  /** Where the choice of kernels is kept; without it nothing is tried, and the usual ones are taken. */
  readonly tuning?: TuningCache | undefined;
  /** Milliseconds that trying kernels may take, once per size class of canvases; 5,000 unless told. */
  readonly tuningBudget?: number | undefined;
  /** Whether products may be multiplied in f16 (sums stay f32); by default where weights were rounded anyway. */
  readonly allowF16Arithmetic?: boolean | undefined;
}

export interface TileChoice {
  /** The largest number of rows that is treated alike. */
  readonly rows: number;
  readonly tiles: Readonly<Record<Role, TileName>>;
  readonly measured: boolean;
}

/** What an engine is given to keep. */
interface Owned {
  readonly memory: Memory;
  readonly kernels: Kernels;
  /** Where the weights are a trainer's. */
  readonly card: CardLoader | undefined;
}

/** Stands for the text that a causal model reads, whose last rows have a shelf of their own. No canvas is this. */
const TEXT = Int32Array.of(-1);

export class Engine implements Denoiser, Autoregressor {
  readonly vocabSize: number;
  /** −1 in models that have no [MASK]. */
  readonly maskId: number;
  readonly endIds: readonly number[];
  readonly maxLength: number;
  readonly device: EngineDevice;

  readonly #options: EngineOptions;
  /** Classes of rows whose tiles were measured. */
  readonly #tuned = new Set<number>();
  readonly #config: ModelConfig;
  readonly #memory: Memory;
  readonly #kernels: Kernels;
  readonly #model: GpuModel;
  readonly #card: CardLoader | undefined;
  readonly #forward: Forward;
  readonly #decoder: Decoder;
  readonly #shelves = new Shelves();
  readonly #kept = new Kept();
  readonly #picker: Picker;
  #forwards = 0;
  #rows = 0;
  #destroyed = false;
  /** Settles when the call before has settled: one question at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    device: EngineDevice,
    { memory, kernels, card }: Owned,
    config: ModelConfig,
    model: GpuModel,
    options: EngineOptions,
  ) {
    this.device = device;
    this.#options = options;
    this.vocabSize = config.vocabSize;
    this.maskId = config.ids.mask ?? -1;
    this.endIds = endIds(config);
    this.maxLength = config.maxLength;
    this.#config = config;
    this.#memory = memory;
    this.#model = model;
    this.#card = card;
    this.#kernels = kernels;
    this.#forward = new Forward(device, kernels, memory, config, model);
    this.#decoder = new Decoder(device.gpu, kernels, memory, config, model);
    this.#picker = new Picker(device.gpu, kernels, model);
  }

  /**
   * Uploads a model, or packs what a trainer holds on the same device (f32; `precision` has no effect). Throws
   * `UnmaskError`, code `device` when the card cannot hold or run it.
   */
  static async create(
    device: EngineDevice,
    { config, weights }: { readonly config: ModelConfig; readonly weights: Weights | CardWeights },
    options: EngineOptions = {},
  ): Promise<Engine> {
    checkSupported(config, MAX_HEAD);
    const { gpu } = device;
    const memory = new Memory(gpu);
    const kernels = new Kernels(gpu);
    try {
      const card = 'onCard' in weights ? new CardLoader(gpu, kernels, memory, weights) : undefined;
      const model = await ('onCard' in weights
        ? placeModel(gpu, config, card as CardLoader, options)
        : uploadModel(gpu, memory, config, weights, options));
      return await guarded(gpu, 'making buffers', () => {
        card?.refresh();
        return new Engine(device, { memory, kernels, card }, config, model, options);
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
      this.#shelves.clear();
      this.#kept.clear();
    });
  }

  /** Forward passes since the engine was created. */
  get forwardCount(): number {
    return this.#forwards;
  }

  /** Positions that went through the network in them. */
  get rowCount(): number {
    return this.#rows;
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
    const { reading, picking } = await this.#inTurn(() => this.#askScore(ids));
    const [answers, logits] = await this.#readable(Promise.all([reading, picking]));
    const { logSumExp } = readAnswers(answers, ids.subarray(1), 0, { forwards: 1, rows: logits.length });
    return logits.map((logit, t) => logit - (logSumExp[t] as number));
  }

  /** Submits one question: at most two forward passes, the decoder and the copy of its answers in one command buffer. */
  async #ask(asked: PredictRequest) {
    checkRequest(asked, this);
    const { ids, slots, draw, topK, suppress = [], guidance, fresh, reuse } = asked;
    if (slots.length === 0) return { reading: Promise.resolve(new Uint32Array(0)), forwards: 0, rows: 0 };
    const partial = reuse === undefined || isSame(ids, reuse.anchor) ? undefined : reuse;
    const keep = reuse !== undefined;
    const [forwards, rows] = [this.#forwards, this.#rows];
    if (partial && !this.#kept.holds(partial)) {
      await this.#prepare(ids.length, slots.length, { keep });
      await this.#runNow(partial.anchor, true);
    }
    await this.#prepare(ids.length, slots.length, { keep, rows: partial && partial.to - partial.from });
    const { reading } = await this.#submit((pass) => {
      const conditional = partial ? this.#shelveRows(ids, pass, partial, fresh) : this.#shelve(ids, pass, 0, fresh);
      const unconditional = guidance ? this.#shelve(guidance.unconditional, pass, 1, fresh) : conditional;
      return { slots, draw, topK, suppress, guidance: guidance?.scale ?? 0, conditional, unconditional };
    });
    return { reading, forwards: this.#forwards - forwards, rows: this.#rows - rows };
  }

  async #askNext(text: NextRequest) {
    const { ids, slots, draw, topK, suppress = [] } = checkNext(text, this);
    const to = ids.length;
    const from = Math.min(this.#kept.prefix(ids), to - 1);
    await this.#prepare(to, 1, { keep: true, rows: to - from });
    const { reading } = await this.#submit((pass) => {
      // The last row answers slot T.
      const row = this.#readOn(ids, pass, { from, to }) + (to - from - 1) - to;
      return { slots, draw, topK, suppress, guidance: 0, conditional: row, unconditional: row };
    });
    return { reading, forwards: 1, rows: to - from };
  }

  async #askScore(ids: Int32Array<ArrayBuffer>) {
    const to = ids.length - 1;
    await this.#prepare(to, to, { keep: true });
    await this.#picker.prepare();
    let picking: Picking | undefined;
    const draw = { seed: 0, step: 0, temperature: 0 };
    const slots = Int32Array.from({ length: to }, (_, row) => row);
    const { reading } = await this.#submit(
      (pass) => {
        const row = this.#readOn(ids.subarray(0, to), pass, { from: 0, to });
        picking = this.#picker.encode(pass, this.#forward.hidden, row, ids.slice(1));
        return { slots, draw, topK: 0, suppress: [], guidance: 0, conditional: row, unconditional: row };
      },
      (encoder) => picking?.copy(encoder),
    );
    return { reading, picking: (picking as unknown as Picking).read() };
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
      const { tuning } = this.#options;
      if (!tuning || this.device.software || this.#tuned.has(rowClass(tokens))) return;
      await this.#tune(tokens, tuning);
      await this.#prepare(tokens, tokens);
    });
  }

  /** Takes the tiles that were, or now are, measured to be the fastest for canvases of about this length. */
  async #tune(tokens: number, cache: TuningCache): Promise<void> {
    const { precision = 'stored', tuningBudget: budget = 5000 } = this.#options;
    const { allowF16Arithmetic: allowF16 = precision !== 'stored' } = this.#options;
    const { features } = this.device.gpu;
    const rows = Math.min(rowClass(tokens), tokens);
    const { hiddenSize, intermediateSize } = this.#config;
    const { dtype } = (this.#model.layers[0] as Layer).qkv.matrix;
    const sizes = [hiddenSize, intermediateSize, dtype, rowClass(tokens), allowF16];
    const key = tuningKey(this.device.description, sizes);
    let tiles = readVerdict(await cache.get(key), allowedTiles({ features, allowF16 }));
    if (!tiles) {
      const time = (role: Role, tile: Tile) => this.#forward.time(role, tile, rows);
      tiles = await tune({ features, allowF16, usual: this.#forward.tiles(tokens), budget, time });
      await cache.set(key, writeVerdict(tiles));
    }
    this.#forward.setTiles(tokens, tiles);
    this.#tuned.add(rowClass(tokens));
    this.#shelves.clear(); // rows of other tiles differ in their last bits
    this.#kept.clear();
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
      const rows = { buffer: this.#forward.hidden, first: first + from, count: to - from };
      return readLogits(this.device.gpu, this.#kernels, this.#model, this.#config, rows);
    });
  }

  /** Rows of logits come to the processor 64 at a time and are normalised there. */
  targetLogProbs(request: TargetRequest): Promise<Float32Array> {
    return targetLogProbs(this, request);
  }

  /** Time per kernel of one step that asks every slot, as the card's own clock tells it. Throws `device` where it has none. */
  profile(ids: Int32Array): Promise<KernelTime[]> {
    return this.#inTurn(async () => {
      checkCanvas(ids, this);
      await this.#prepare(ids.length, ids.length);
      this.#shelves.clear(); // the pass overwrites one
      this.#kept.clear();
      this.#forward.load(ids);
      const draw = { seed: 0, step: 0, temperature: 1 };
      const first = this.#forward.shelfRow(0);
      const rows = { guidance: 0, conditional: first, unconditional: first };
      this.#decoder.load({ slots: Int32Array.from(ids.keys()), draw, topK: 8, suppress: [], ...rows });
      return timeDispatches(this.device.gpu, [
        ...this.#forward.dispatches(ids.length, 0),
        ...this.#decoder.dispatches(ids.length),
      ]);
    });
  }

  /** Bytes on the card: what stays as long as the model, and room for activations and remembered canvases. */
  get memory(): { readonly model: number; readonly work: number } {
    return { model: this.#memory.bytes, work: this.#forward.bytes };
  }

  get bytes(): number {
    return this.#memory.bytes + this.#forward.bytes;
  }

  /** Tiles of each class of canvases asked so far, and whether they were measured on this card. */
  get choices(): readonly TileChoice[] {
    return this.#forward.chosen().map(([rows, tiles]) => ({ rows, tiles, measured: this.#tuned.has(rows) }));
  }

  /** Frees everything; the device stays open. Calls in flight are rejected. */
  destroy(): void {
    this.#destroyed = true;
    this.#forward.destroy();
    this.#memory.destroy();
  }

  /** Buffers and pipelines for a canvas of this length, of which this many slots are asked, and `rows` are run. */
  async #prepare(tokens: number, slots: number, { rows = tokens, keep = false } = {}): Promise<void> {
    const kept = await this.#forward.prepare(tokens, this.#shelves.inUse, { rows, keep });
    if (kept) this.#shelves.renumber(kept);
    await this.#decoder.prepare(this.#forward.hidden, slots);
  }

  /** Where the hidden rows of a canvas begin, after a forward pass if need be. */
  #shelve(ids: Int32Array, pass: GPUComputePassEncoder, place: Place, fresh = false): number {
    const found = this.#shelves.find(ids);
    if (found !== undefined && !fresh) return this.#forward.shelfRow(found);
    const shelf = found ?? this.#shelves.take(ids, this.#forward.shelves);
    this.#forward.encode(pass, ids, shelf, place);
    if (this.#forward.keeps) this.#kept.whole(ids);
    return this.#count(shelf, ids.length);
  }

  /** The same for rows of a canvas around which the anchor's keys and values lie: where its row 0 would be. */
  #shelveRows(ids: Int32Array, pass: GPUComputePassEncoder, { anchor, from, to }: Reuse, fresh = false): number {
    const key = Int32Array.of(...ids, -1, ...anchor, from, to);
    const found = this.#shelves.find(key);
    if (found !== undefined && !fresh) return this.#forward.shelfRow(found) - from;
    const shelf = found ?? this.#shelves.take(key, this.#forward.shelves);
    this.#forward.encode(pass, ids, shelf, 0, { from, to });
    this.#kept.overwrite({ from, to });
    return this.#count(shelf, to - from) - from;
  }

  /** The same for the end of a causal text, whose beginning has been read: where row `from` is. */
  #readOn(ids: Int32Array, pass: GPUComputePassEncoder, range: Range): number {
    const shelf = this.#shelves.find(TEXT) ?? this.#shelves.take(TEXT, this.#forward.shelves);
    this.#forward.encode(pass, ids, shelf, 0, range);
    this.#kept.whole(ids);
    return this.#count(shelf, range.to - range.from);
  }

  #count(shelf: number, rows: number): number {
    this.#forwards++;
    this.#rows += rows;
    return this.#forward.shelfRow(shelf);
  }

  /** A pass in a submission of its own: what it loads is not what the question after it loads. */
  #runNow(ids: Int32Array, fresh = false): Promise<number> {
    return this.#guarded('running the model', () => {
      const encoder = this.device.gpu.createCommandEncoder({ label: 'forward' });
      const pass = encoder.beginComputePass();
      const row = this.#shelve(ids, pass, 0, fresh);
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
      this.#shelves.clear();
      this.#kept.clear();
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
