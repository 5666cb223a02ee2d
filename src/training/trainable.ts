/**
 * A network that learns: loss and gradients of a `Question` by the tape of tfjs over the same forward pass as
 * `network.ts`, and AdamW. It lives on the tfjs backend that was current when it was made.
 */

import {
  add,
  dispose,
  engine,
  getBackend,
  memory,
  mul,
  type Scalar,
  setBackend,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
  tidy,
} from '@tensorflow/tfjs-core';
import type { Arch } from '../model/arch.ts';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import type { CardTensor, CardWeights } from '../checkpoint/card-weights.ts';
import type { Weights } from '../checkpoint/model.ts';
import { Stream, stepKey } from '../diffusion/rng.ts';
import type { AdamW, Moments, OptimiserState } from './adamw.ts';
import { broken } from './broken.ts';
import { editLoss } from './edit-loss.ts';
import { FallbackNetwork } from './fallback-network.ts';
import { blocksOf, type Fit, isFull, smallerFit, tooLarge } from './fit.ts';
import { type FrozenWeights, freezing, turned } from './frozen.ts';
import { Geometry } from './geometry.ts';
import { type CrossEntropy, crossEntropyWith } from './gradients/cross-entropy.ts';
import { dropping } from './gradients/dropout.ts';
import { WITH_GRADIENTS } from './gradients/plain.ts';
import { crossEntropy } from './kernels/cross-entropy.ts';
import { ON_WEBGPU } from './kernels/ops.ts';
import { GpuOptimiser } from './kernels/optimiser.ts';
import { freeAfterFailure, hasRoom, type Tried, unlessFull } from './kernels/room.ts';
import { type AdapterPlan, freshLowRanks, type LowRankNames, lowRankNames } from './low-rank.ts';
import { memoryOf } from './memory.ts';
import { decoderMatrix, encode, headRows, type LayerBlock, type Ops } from './network.ts';
import { type EditTargets, type Question, type StepDraw, split } from './objectives/objective.ts';
import { type Optimiser, PlainOptimiser } from './optimiser.ts';
import {
  disposeParameters,
  type Frozen,
  type LowRankTensors,
  loadParameters,
  type Parameters,
  turnedIn,
  type Weighing,
} from './parameters.ts';

export interface StepResult {
  /** Σ weight · cross-entropy over all questions, nats. */
  readonly loss: number;
  /** Norm of the gradient of all parameters, before clipping. */
  readonly gradNorm: number;
}

export interface TrainableOptions {
  /** Parameters of the network that learn: all unless told, or none beside an adapter. */
  readonly trains?: ReadonlySet<string> | undefined;
  /** Low ranks that learn. */
  readonly adapter?: AdapterPlan | undefined;
  /** How what does not learn is held; in its stored bits unless told. The network's own weights are not read then. */
  readonly frozen?: FrozenWeights | undefined;
  /** False for one that is only asked: it has no moments, and `step` and what goes with it throw. */
  readonly learns?: boolean | undefined;
  /** At first; all at once unless told. What turns out not to fit the graphics card is made smaller. */
  readonly fit?: Partial<Fit> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A step's, with what a random layer draws by. */
export type StepHow = AdamW & { readonly draw?: StepDraw | undefined };

export class Trainable {
  readonly arch: Arch;
  /** The tfjs backend it runs on. */
  readonly backend = getBackend();
  /** What learns. */
  readonly #parameters: Map<string, Tensor>;
  /** What does not. */
  readonly #frozen: FrozenWeights;
  readonly #lowRanks: readonly LowRankNames[];
  readonly #dropout: number;
  /** None of one that is only asked. */
  readonly #optimiser: Optimiser | undefined;
  readonly #turned: ReadonlySet<string>;
  readonly #ops: Ops;
  readonly #crossEntropy: CrossEntropy;
  #geometry: Geometry;
  #predictor: FallbackNetwork | undefined;
  #fit: Fit;
  /** Bytes that the card was found to have for a step. */
  #room = 0;

  private constructor(arch: Arch, { parameters, optimiser, frozen, adapter, fit }: Parts) {
    this.arch = arch;
    this.#fit = { rows: fit?.rows ?? Number.POSITIVE_INFINITY, blocks: fit?.blocks ?? 1 };
    this.#parameters = parameters;
    this.#optimiser = optimiser;
    this.#frozen = frozen;
    this.#lowRanks = lowRankNames(adapter?.places ?? []);
    this.#dropout = adapter?.dropout ?? 0;
    this.#turned = new Set([...turnedIn(arch), ...this.#lowRanks.flatMap(({ a, b }) => [a, b])]);
    const kernels = this.backend === 'webgpu';
    this.#ops = kernels ? ON_WEBGPU : WITH_GRADIENTS;
    this.#crossEntropy = kernels ? crossEntropy : crossEntropyWith(WITH_GRADIENTS.multiply);
    this.#geometry = new Geometry(1);
  }

  /**
   * Uploads the weights to the current tfjs backend. What does not learn has no gradient and no moments. Throws what reading
   * them throws, or the signal's reason.
   */
  static async create(arch: Arch, weights: Weights, options: TrainableOptions = {}): Promise<Trainable> {
    const { adapter, signal } = options;
    const all = [...weights.tensors.keys()];
    const trains = options.trains ?? new Set(adapter ? [] : all);
    const parameters = new Map(await loadParameters(arch, chosen(weights, trains), signal));
    for (const [name, each] of lowRankTensors(adapter)) parameters.set(name, each);
    const rest = chosen(weights, new Set(all.filter((name) => !trains.has(name))));
    const frozen = options.frozen ?? (await freezing(arch, rest, { signal }));
    const gpu = getBackend() === 'webgpu';
    const optimiser =
      options.learns === false
        ? undefined
        : gpu
          ? new GpuOptimiser(parameters)
          : await PlainOptimiser.create(parameters);
    return new Trainable(arch, { parameters, optimiser, frozen, adapter, fit: options.fit });
  }

  /**
   * One update by the summed gradients of one or several questions. Questions that score nothing add nothing; when
   * there are no others, and when loss or gradient are not finite, the weights stay as they are. Throws `UnmaskError`:
   * device.
   */
  async step(questions: Question | readonly Question[], how: StepHow): Promise<StepResult> {
    const asked = [questions].flat().filter(asksSomething);
    if (asked.length === 0) return { loss: 0, gradNorm: 0 };
    return this.#guarded(async () => {
      const { loss, gradients } = await this.#fitted(
        asked,
        (parts) => this.#differentiate(parts, how.draw),
        (done) => [done.loss, ...done.gradients.values()],
        true,
      );
      try {
        const gradNorm = await this.#learning.apply(gradients, how);
        this.#predictor?.forget();
        return { loss: (await loss.data())[0] as number, gradNorm };
      } finally {
        loss.dispose();
        disposeParameters(gradients);
      }
    });
  }

  /** How steps are cut up by now. */
  get fit(): Fit {
    return this.#fit;
  }

  /**
   * `work` on the questions cut to as many rows as fit. On WebGPU, where nobody tells how much memory there is, it is done
   * again in smaller parts as long as the card refuses. Throws `UnmaskError` code `settings` when not even one row fits.
   */
  async #fitted<T>(
    questions: readonly Question[],
    work: (parts: readonly Question[]) => T,
    tensorsOf: (done: T) => readonly Tensor[],
    learns = false,
  ): Promise<T> {
    const smaller = (cause: unknown) => {
      const next = smallerFit({ ...this.#fit, rows: Math.min(this.#fit.rows, longest) }, this.arch.layers.length);
      if (next === undefined) throw tooLarge(cause, this.backend);
      this.#fit = next;
    };
    const longest = Math.max(...questions.map(({ inputs, length }) => inputs.length / length));
    for (;;) {
      const { rows, blocks } = this.#fit;
      if (this.backend === 'webgpu' && learns) {
        const length = Math.max(...questions.map((each) => each.length));
        const { work } = memoryOf(
          this.arch,
          new Map(),
          { rows: Math.min(rows, longest), blocks, length },
          this.#beside,
        );
        // Asked once for every size.
        const needed = Math.ceil(work);
        if (needed > this.#room && !(await hasRoom(needed))) {
          smaller(new Error(`${Math.ceil(needed / 1e6)} MB`));
          continue;
        }
        this.#room = Math.max(this.#room, needed);
      }
      const parts = questions.flatMap((each) => (rows < each.inputs.length / each.length ? split(each, rows) : each));
      const answer = await this.#unlessFull(() => work(parts.filter(asksSomething)));
      if (!('full' in answer)) return answer.done;
      if (answer.done !== undefined) dispose([...tensorsOf(answer.done)]);
      if (this.backend === 'webgpu') await freeAfterFailure();
      smaller(answer.full);
    }
  }

  async #unlessFull<T>(work: () => T): Promise<Tried<T>> {
    try {
      if (this.backend !== 'webgpu') return { done: work() };
      return await unlessFull(work);
    } catch (error) {
      if (isFull(error)) return { full: error };
      throw error;
    }
  }

  /** Cross-entropy of each scored position, nats, `[N]`. Throws `UnmaskError`: device. */
  async crossEntropy(question: Question): Promise<Float32Array> {
    if (question.scored.length === 0) return new Float32Array(0);
    return this.#guarded(async () => {
      const answers = await this.#fitted(
        [question],
        (parts) => parts.map((part) => ({ part, answer: tidy(() => this.#ask(this.#now(), part)) })),
        (done) => done.map(({ answer }) => answer),
      );
      const values = new Float32Array(question.scored.length);
      let at = 0;
      for (const { part, answer } of answers) {
        values.set(((await answer.data()) as Float32Array).subarray(0, part.scored.length), at);
        at += part.scored.length;
        answer.dispose();
      }
      return values;
    });
  }

  /** What `step` would call the loss, without a step. Throws `UnmaskError`: device. */
  async loss(question: Question): Promise<number> {
    return this.#guarded(async () => {
      const answers = await this.#fitted(
        [question],
        (parts) => parts.map((part) => tidy(() => this.#lossOf(this.#now(), part, this.#hidden(part)))),
        (done) => done,
      );
      let loss = 0;
      for (const answer of answers) {
        loss += (await answer.data())[0] as number;
        answer.dispose();
      }
      return loss;
    });
  }

  /** Answers with the weights as they are at each question. It goes with the Trainable. */
  predictor(): FallbackNetwork {
    this.#predictor ??= FallbackNetwork.over(this.arch, this.#now());
    return this.#predictor;
  }

  /** What learns, by names and in the layout of `Weights`: matrices `[out, in]`; of an adapter those of `lowRankNames`. */
  async weights(): Promise<Map<string, Float32Array>> {
    const weights = new Map<string, Float32Array>();
    for (const [name, { parameter }] of await this.#guarded(() => this.#learning.read())) {
      weights.set(name, this.#outIn(name, parameter));
    }
    return weights;
  }

  /**
   * On WebGPU: the weights where they lie, for the engine on the same device. The buffers are the same at every step and
   * go with the Trainable. Undefined on other backends, and of an adapter.
   */
  cardWeights(): CardWeights | undefined {
    const optimiser = this.#optimiser;
    if (!(optimiser instanceof GpuOptimiser) || this.#lowRanks.length > 0) return undefined;
    const onCard = new Map<string, CardTensor>();
    for (const [name, { shape: kept }] of this.#parameters) {
      const turn = this.#turned.has(name);
      const shape = turn ? kept.toReversed() : kept;
      const pitch = kept.length === 2 ? (kept[1] as number) : 1;
      const [rowStep, columnStep] = turn ? [1, pitch] : [pitch, 1];
      onCard.set(name, { ...optimiser.place(name), shape, rowStep, columnStep });
    }
    return { onCard };
  }

  /** Whether low ranks learn, so that what it tells of its weights is no network of its own. */
  get adapts(): boolean {
    return this.#lowRanks.length > 0;
  }

  /** On other backends: the weights of this moment, which do not change any more. The caller disposes them. */
  snapshot(): Parameters {
    return new Map([...this.#parameters].map(([name, each]) => [name, each.clone()]));
  }

  async optimiserState(): Promise<OptimiserState> {
    const first = new Map<string, Float32Array>();
    const second = new Map<string, Float32Array>();
    for (const [name, moments] of await this.#guarded(() => this.#learning.read())) {
      first.set(name, this.#outIn(name, moments.first));
      second.set(name, this.#outIn(name, moments.second));
    }
    return { steps: this.#learning.steps, first, second };
  }

  /** Goes on where `optimiserState` was taken; the weights are those given to `create`. */
  restore({ steps, first, second }: OptimiserState): void {
    const moments = (name: string): Moments => {
      const { shape } = this.#parameters.get(name) as Tensor;
      const inOut = (values: Float32Array) => (this.#turned.has(name) ? turned(values, shape[1] as number) : values);
      return { first: inOut(first.get(name) as Float32Array), second: inOut(second.get(name) as Float32Array) };
    };
    this.#learning.restore(steps, moments);
  }

  /**
   * What tfjs holds, of everything on this backend, and in bytes what optimiser and frozen weights hold beside it; on WebGPU
   * those of its buffers, free ones included: the most that was ever needed at once.
   */
  get memory(): { readonly tensors: number; readonly bytes: number } {
    const { numTensors, numBytes, numBytesAllocatedInGPU } = memory() as ReturnType<typeof memory> & {
      readonly numBytesAllocatedInGPU?: number;
    };
    return {
      tensors: numTensors,
      bytes: (numBytesAllocatedInGPU ?? numBytes) + (this.#optimiser?.bytes ?? 0) + this.#frozen.bytes,
    };
  }

  dispose(): void {
    this.#predictor?.dispose();
    this.#frozen.dispose();
    this.#optimiser?.dispose();
    this.#geometry.dispose();
    disposeParameters(this.#parameters);
  }

  get #learning(): Optimiser {
    if (this.#optimiser === undefined) throw new Error('this network is only asked');
    return this.#optimiser;
  }

  /** What the network reads of these tensors, or of what stands in their place on the tape, and of what does not learn. */
  #weighing(parameters: Parameters, draw?: StepDraw): Weighing {
    const key = draw && this.#dropout > 0 ? stepKey(draw.seed, draw.step, Stream.Objective) : undefined;
    return {
      get: (name) => parameters.get(name) ?? this.#frozen.get(name),
      lowRanks: (of) =>
        this.#lowRanks.flatMap(({ place: { module, scale }, a, b }, i): LowRankTensors[] => {
          if (module.parameter !== of) return [];
          const drop = key && dropping(key, FIRST_DROP + i, this.#dropout);
          return [
            { a: parameters.get(a) as Tensor2D, b: parameters.get(b) as Tensor2D, scale, first: module.first, drop },
          ];
        }),
    };
  }

  /** What a step keeps for low ranks. */
  get #beside(): { readonly learns: number; readonly precision: 'stored' } | undefined {
    return this.adapts ? { learns: 0, precision: 'stored' } : undefined;
  }

  #now(): Weighing {
    return this.#weighing(this.#parameters);
  }

  #differentiate(
    questions: readonly Question[],
    draw: StepDraw | undefined,
  ): { loss: Tensor; gradients: Map<string, Tensor> } {
    const gradients = new Map<string, Tensor>();
    let loss: Tensor | undefined;
    const sum = (before: Tensor | undefined, more: Tensor): Tensor => {
      if (before === undefined) return more;
      const both = add(before, more);
      before.dispose();
      more.dispose();
      return both;
    };
    const take = (name: string, gradient: Tensor) => gradients.set(name, sum(gradients.get(name), gradient));
    for (const question of questions) loss = sum(loss, this.#backward(question, draw, take));
    for (const name of this.#parameters.keys())
      if (!gradients.has(name)) throw new RangeError(`no gradient of ${name}`);
    return { loss: loss as Tensor, gradients };
  }

  /** The loss; gradients are handed to `take` as they come, from the last block of layers to the first. */
  #backward(question: Question, draw: StepDraw | undefined, take: (name: string, gradient: Tensor) => void): Tensor {
    const weights = this.#weighing(this.#parameters, draw);
    const blocks = blocksOf(this.arch.layers.length, this.#fit.blocks);
    const streams: Tensor2D[] = [];
    for (const block of blocks.slice(0, -1)) streams.push(this.#through(weights, question, block, streams.at(-1)));
    let [loss, arriving]: (Tensor | undefined)[] = [];
    for (const [i, block] of [...blocks.entries()].reverse()) {
      const before = streams[i - 1];
      const isLast = i === blocks.length - 1;
      const within = () => {
        const hidden = this.#through(weights, question, block, before);
        return isLast ? this.#lossOf(weights, question, hidden) : hidden;
      };
      const own = [...this.#parameters].filter(([name]) => this.#isIn(name, block));
      const inputs = [...(before ? [before] : []), ...own.map(([, each]) => each)];
      if (inputs.length === 0) continue;
      // What of the first block's and the last block's own is in neither has no gradient there.
      const { value, grads } = engine().gradients(within as () => Tensor, inputs, arriving, true);
      const given: (Tensor | null)[] = [...grads];
      const next = before && (given.shift() ?? undefined);
      for (const [n, [name]] of own.entries()) {
        const gradient = given[n];
        if (gradient) take(name, gradient);
      }
      if (isLast) loss = value;
      else value.dispose();
      if (arriving !== next) arriving?.dispose();
      arriving = next;
      before?.dispose();
    }
    return loss as Tensor;
  }

  /** A block's answer to the stream before it. */
  #through(weights: Weighing, { edits, inputs, ...question }: Question, block: LayerBlock, x?: Tensor2D): Tensor2D {
    return encode(this.arch, weights, this.#geometryOf(question, edits?.lengths), inputs, this.#ops, { ...block, x });
  }

  #hidden(question: Question): Tensor2D {
    return this.#through(this.#now(), question, { from: 0, to: this.arch.layers.length });
  }

  /** Whether what learns may stand in these layers, or beside all of them where they are the first or the last. */
  #isIn(name: string, { from, to }: LayerBlock): boolean {
    const parameter = this.#lowRanks.find(({ a, b }) => a === name || b === name)?.place.module.parameter ?? name;
    const layer = /^layers[.](\d+)[.]/.exec(parameter)?.[1];
    if (layer === undefined) return from === 0 || to === this.arch.layers.length;
    return Number(layer) >= from && Number(layer) < to;
  }

  /** Of the stream after the last layer. */
  #lossOf(weights: Weighing, question: Question, hidden: Tensor2D): Scalar {
    const { edits } = question;
    if (edits) return this.#editLossOf(weights, { ...question, edits }, hidden);
    const crossEntropy = this.#ask(weights, question, hidden);
    const parts = new Float32Array(crossEntropy.size);
    parts.set(question.weights);
    return sum(mul(crossEntropy, tensor1d(parts)));
  }

  #editLossOf(weights: Weighing, question: Question & { readonly edits: EditTargets }, hidden: Tensor2D): Scalar {
    const { inputs } = question;
    const get = (name: string) => weights.get(name);
    const vector = (name: string) => get(name) as Tensor1D | undefined;
    const h = headRows(this.arch, weights, hidden, Int32Array.from(inputs.keys()), this.#ops);
    const heads = {
      substitutions: { matrix: decoderMatrix(this.arch, weights), bias: vector('decoder.bias') },
      insertions: { matrix: get('insertions') as Tensor2D | Frozen, bias: vector('insertions.bias') },
      rates: { matrix: get('rates') as Tensor2D | Frozen, bias: vector('rates.bias') as Tensor1D },
    };
    return editLoss(h, heads, question, {
      ops: this.#ops,
      crossEntropy: this.#crossEntropy,
      room: (scored) => (this.backend === 'webgpu' ? roomFor(scored, inputs.length) : scored),
      shift: this.arch.logitShift,
    });
  }

  /** Of every scored position, and on WebGPU of a few more that mean nothing. */
  #ask(weights: Weighing, question: Question, stream?: Tensor2D): Tensor1D {
    const { inputs, length } = question;
    const hidden = stream ?? this.#hidden(question);
    const rows = this.backend === 'webgpu' ? roomFor(question.scored.length, inputs.length) : question.scored.length;
    const [scored, targets] = [new Int32Array(rows), new Int32Array(rows)];
    scored.set(question.scored.map((slot) => this.#rowOf(slot, length)));
    targets.set(question.targets);
    const h = headRows(this.arch, weights, hidden, scored, this.#ops);
    const bias = weights.get('decoder.bias') as Tensor | undefined;
    return this.#crossEntropy(h, decoderMatrix(this.arch, weights), bias, targets);
  }

  /** The row that answers a flat slot: with a shift the one before, in its own canvas. */
  #rowOf(slot: number, length: number): number {
    return slot - (slot % length === 0 ? 0 : this.arch.logitShift);
  }

  #geometryOf(
    { length, positions, sees }: Pick<Question, 'length' | 'positions' | 'sees'>,
    lengths?: Int32Array,
  ): Geometry {
    const old = this.#geometry;
    const { placed } = old;
    if (old.length !== length || placed.positions !== positions || placed.sees !== sees || placed.lengths !== lengths) {
      old.dispose();
      this.#geometry = new Geometry(length, { positions, sees, lengths });
    }
    return this.#geometry;
  }

  /** From the layout of `Parameters` to that of `Weights`. */
  #outIn(name: string, values: Float32Array): Float32Array {
    const { shape } = this.#parameters.get(name) as Tensor;
    return this.#turned.has(name) ? turned(values, shape[0] as number) : values;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (getBackend() !== this.backend) await setBackend(this.backend);
      return await work();
    } catch (error) {
      throw broken(error, this.backend);
    }
  }
}

/**
 * So many rows are asked where `scored` of `tokens` are wanted: tfjs keeps the buffers of every size that it ever met, so
 * there are at most sixteen sizes. A multiple of the products' tiles, which would be computed anyway.
 */
function roomFor(scored: number, tokens: number): number {
  const step = 64 * Math.ceil(tokens / 1024);
  return step * Math.ceil(scored / step);
}

function asksSomething({ scored, edits }: Question): boolean {
  return scored.length > 0 || edits !== undefined;
}

interface Parts {
  readonly parameters: Map<string, Tensor>;
  readonly optimiser: Optimiser | undefined;
  readonly frozen: FrozenWeights;
  readonly adapter: AdapterPlan | undefined;
  readonly fit: Partial<Fit> | undefined;
}

/** Draws of dropout, beyond those of objectives. */
const FIRST_DROP = 2 ** 16;

/** The same weights, only those. */
function chosen(weights: Weights, names: ReadonlySet<string>): Weights {
  return { ...weights, tensors: new Map([...weights.tensors].filter(([name]) => names.has(name))) };
}

/** In the layout of `Parameters`: `[in, rank]` and `[rank, out]`. */
function lowRankTensors(adapter: AdapterPlan | undefined): Map<string, Tensor2D> {
  const tensors = new Map<string, Tensor2D>();
  if (adapter === undefined) return tensors;
  const values = adapter.start ?? freshLowRanks(adapter);
  for (const { place, a, b } of lowRankNames(adapter.places)) {
    const { module, rank } = place;
    tensors.set(a, tensor2d(turned(values.get(a) as Float32Array, rank), [module.columns, rank]));
    tensors.set(b, tensor2d(turned(values.get(b) as Float32Array, module.rows), [rank, module.rows]));
  }
  return tensors;
}
