/**
 * A network that learns: loss and gradients of a `Question` by the tape of tfjs over the same forward pass as
 * `network.ts`, and AdamW. It lives on the tfjs backend that was current when it was made.
 */

import {
  add,
  dispose,
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
  tidy,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import type { Arch } from '../model/arch.ts';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import type { CardTensor, CardWeights } from '../checkpoint/card-weights.ts';
import type { Weights } from '../checkpoint/model.ts';
import type { AdamW, Moments, OptimiserState } from './adamw.ts';
import { broken } from './broken.ts';
import { editLoss } from './edit-loss.ts';
import { FallbackNetwork } from './fallback-network.ts';
import { Geometry } from './geometry.ts';
import { type CrossEntropy, crossEntropyWith } from './gradients/cross-entropy.ts';
import { WITH_GRADIENTS } from './gradients/plain.ts';
import { crossEntropy } from './kernels/cross-entropy.ts';
import { ON_WEBGPU } from './kernels/ops.ts';
import { GpuOptimiser } from './kernels/optimiser.ts';
import { decoderMatrix, encode, headRows, type Ops } from './network.ts';
import type { EditTargets, Question } from './objectives/objective.ts';
import { type Optimiser, PlainOptimiser } from './optimiser.ts';
import { disposeParameters, loadParameters, type Parameters, turnedIn } from './parameters.ts';

export interface StepResult {
  /** Σ weight · cross-entropy over all questions, nats. */
  readonly loss: number;
  /** Norm of the gradient of all parameters, before clipping. */
  readonly gradNorm: number;
}

export class Trainable {
  readonly arch: Arch;
  /** The tfjs backend it runs on. */
  readonly backend = getBackend();
  readonly #parameters: Map<string, Tensor>;
  readonly #optimiser: Optimiser;
  readonly #turned: ReadonlySet<string>;
  readonly #ops: Ops;
  readonly #crossEntropy: CrossEntropy;
  #geometry: Geometry;
  #predictor: FallbackNetwork | undefined;

  private constructor(arch: Arch, parameters: Map<string, Tensor>, optimiser: Optimiser) {
    this.arch = arch;
    this.#parameters = parameters;
    this.#optimiser = optimiser;
    this.#turned = turnedIn(arch);
    const kernels = this.backend === 'webgpu';
    this.#ops = kernels ? ON_WEBGPU : WITH_GRADIENTS;
    this.#crossEntropy = kernels ? crossEntropy : crossEntropyWith(WITH_GRADIENTS.multiply);
    this.#geometry = new Geometry(1);
  }

  /** Uploads the weights to the current tfjs backend. Throws what reading them throws, or the signal's reason. */
  static async create(arch: Arch, weights: Weights, signal?: AbortSignal): Promise<Trainable> {
    const parameters = new Map(await loadParameters(arch, weights, signal));
    const gpu = getBackend() === 'webgpu';
    const optimiser = gpu ? new GpuOptimiser(parameters) : await PlainOptimiser.create(parameters);
    return new Trainable(arch, parameters, optimiser);
  }

  /**
   * One update by the summed gradients of one or several questions. Questions that score nothing add nothing; when
   * there are no others, and when loss or gradient are not finite, the weights stay as they are. Throws `UnmaskError`:
   * device.
   */
  async step(questions: Question | readonly Question[], how: AdamW): Promise<StepResult> {
    const asked = [questions].flat().filter(({ scored, edits }) => scored.length > 0 || edits !== undefined);
    if (asked.length === 0) return { loss: 0, gradNorm: 0 };
    return this.#guarded(async () => {
      const { loss, gradients } = this.#differentiate(asked);
      try {
        const gradNorm = await this.#optimiser.apply(gradients, how);
        this.#predictor?.forget();
        return { loss: (await loss.data())[0] as number, gradNorm };
      } finally {
        loss.dispose();
        disposeParameters(gradients);
      }
    });
  }

  /** Cross-entropy of each scored position, nats, `[N]`. Throws `UnmaskError`: device. */
  async crossEntropy(question: Question): Promise<Float32Array> {
    if (question.scored.length === 0) return new Float32Array(0);
    return this.#guarded(async () => {
      const answer = tidy(() => this.#ask(this.#parameters, question));
      try {
        return ((await answer.data()) as Float32Array).slice(0, question.scored.length);
      } finally {
        answer.dispose();
      }
    });
  }

  /** What `step` would call the loss, without a step. Throws `UnmaskError`: device. */
  async loss(question: Question): Promise<number> {
    return this.#guarded(async () => {
      const answer = tidy(() => this.#lossOf(this.#parameters, question));
      try {
        return (await answer.data())[0] as number;
      } finally {
        answer.dispose();
      }
    });
  }

  /** Answers with the weights as they are at each question. It goes with the Trainable. */
  predictor(): FallbackNetwork {
    this.#predictor ??= FallbackNetwork.over(this.arch, this.#parameters);
    return this.#predictor;
  }

  /** Names and layout of `Weights`: matrices `[out, in]`. */
  async weights(): Promise<Map<string, Float32Array>> {
    const weights = new Map<string, Float32Array>();
    for (const [name, { parameter }] of await this.#optimiser.read()) {
      weights.set(name, this.#outIn(name, parameter));
    }
    return weights;
  }

  /**
   * On WebGPU: the weights where they lie, for the engine on the same device. The buffers are the same at every step and
   * go with the Trainable. Undefined on other backends.
   */
  cardWeights(): CardWeights | undefined {
    const optimiser = this.#optimiser;
    if (!(optimiser instanceof GpuOptimiser)) return undefined;
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

  /** On other backends: the weights of this moment, which do not change any more. The caller disposes them. */
  snapshot(): Parameters {
    return new Map([...this.#parameters].map(([name, each]) => [name, each.clone()]));
  }

  async optimiserState(): Promise<OptimiserState> {
    const first = new Map<string, Float32Array>();
    const second = new Map<string, Float32Array>();
    for (const [name, moments] of await this.#optimiser.read()) {
      first.set(name, this.#outIn(name, moments.first));
      second.set(name, this.#outIn(name, moments.second));
    }
    return { steps: this.#optimiser.steps, first, second };
  }

  /** Goes on where `optimiserState` was taken; the weights are those given to `create`. */
  restore({ steps, first, second }: OptimiserState): void {
    const moments = (name: string): Moments => {
      const { shape } = this.#parameters.get(name) as Tensor;
      const inOut = (values: Float32Array) => (this.#turned.has(name) ? turned(values, shape[1] as number) : values);
      return { first: inOut(first.get(name) as Float32Array), second: inOut(second.get(name) as Float32Array) };
    };
    this.#optimiser.restore(steps, moments);
  }

  /** What tfjs holds, of everything on this backend; on WebGPU the bytes are those of its buffers, free ones included. */
  get memory(): { readonly tensors: number; readonly bytes: number } {
    const { numTensors, numBytes, numBytesAllocatedInGPU } = memory() as ReturnType<typeof memory> & {
      readonly numBytesAllocatedInGPU?: number;
    };
    return { tensors: numTensors, bytes: numBytesAllocatedInGPU ?? numBytes };
  }

  dispose(): void {
    this.#predictor?.dispose();
    this.#optimiser.dispose();
    this.#geometry.dispose();
    disposeParameters(this.#parameters);
  }

  #differentiate(questions: readonly Question[]): { loss: Tensor; gradients: Map<string, Tensor> } {
    const names = [...this.#parameters.keys()];
    const values = [...this.#parameters.values()];
    let total: { loss: Tensor; grads: Tensor[] } | undefined;
    for (const question of questions) {
      const asked = (...tensors: Tensor[]) =>
        this.#lossOf(new Map(tensors.map((each, i) => [names[i] as string, each])), question);
      const { value, grads } = valueAndGrads(asked)(values);
      const before = total;
      total = before
        ? tidy(() => ({
            loss: add(before.loss, value),
            grads: grads.map((each, i) => add(each, before.grads[i] as Tensor)),
          }))
        : { loss: value, grads };
      if (before) dispose([value, ...grads, before.loss, ...before.grads]);
    }
    const { loss, grads } = total as { loss: Tensor; grads: Tensor[] };
    return { loss, gradients: new Map(grads.map((each, i) => [names[i] as string, each])) };
  }

  #lossOf(parameters: Parameters, question: Question): Scalar {
    const { edits, inputs } = question;
    if (edits) return this.#editLossOf(parameters, { ...question, edits });
    const crossEntropy = this.#ask(parameters, { ...question, inputs });
    const weights = new Float32Array(crossEntropy.size);
    weights.set(question.weights);
    return sum(mul(crossEntropy, tensor1d(weights)));
  }

  #editLossOf(parameters: Parameters, question: Question & { readonly edits: EditTargets }): Scalar {
    const { inputs, edits } = question;
    const get = (name: string) => parameters.get(name);
    const hidden = encode(this.arch, parameters, this.#geometryOf(question, edits.lengths), inputs, this.#ops);
    const h = headRows(this.arch, parameters, hidden, Int32Array.from(inputs.keys()), this.#ops);
    const heads = {
      substitutions: { matrix: decoderMatrix(this.arch, parameters), bias: get('decoder.bias') },
      insertions: { matrix: get('insertions') as Tensor2D, bias: get('insertions.bias') },
      rates: { matrix: get('rates') as Tensor2D, bias: get('rates.bias') as Tensor1D },
    };
    return editLoss(h, heads, question, {
      ops: this.#ops,
      crossEntropy: this.#crossEntropy,
      room: (scored) => (this.backend === 'webgpu' ? roomFor(scored, inputs.length) : scored),
      shift: this.arch.logitShift,
    });
  }

  /** Of every scored position, and on WebGPU of a few more that mean nothing. */
  #ask(parameters: Parameters, { inputs, ...question }: Question): Tensor1D {
    const rows = this.backend === 'webgpu' ? roomFor(question.scored.length, inputs.length) : question.scored.length;
    const [scored, targets] = [new Int32Array(rows), new Int32Array(rows)];
    scored.set(question.scored.map((slot) => this.#rowOf(slot, question.length)));
    targets.set(question.targets);
    const hidden = encode(this.arch, parameters, this.#geometryOf(question), inputs, this.#ops);
    const h = headRows(this.arch, parameters, hidden, scored, this.#ops);
    return this.#crossEntropy(h, decoderMatrix(this.arch, parameters), parameters.get('decoder.bias'), targets);
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

/** A matrix of `rows` rows, transposed. */
function turned(values: Float32Array, rows: number): Float32Array {
  const columns = values.length / rows;
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c] as number;
  return result;
}
