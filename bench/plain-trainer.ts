/**
 * A training step as tfjs offers it: its own gradients on the tape, its gather with racing atomics, stored scores and
 * logits (of scored rows only, as ours), its Adam, with clipping and decoupled decay in its operations.
 */
import {
  add,
  div,
  gather,
  logSumExp,
  matMul,
  minimum,
  mul,
  reshape,
  type Scalar,
  scalar,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  tensor1d,
  tidy,
  train,
  type Variable,
  variable,
  variableGrads,
} from '@tensorflow/tfjs';
import type { NamedVariableMap } from '@tensorflow/tfjs-core/dist/tensor_types.js';
import type { Weights } from '../src/checkpoint/model.ts';
import type { Arch } from '../src/model/arch.ts';
import type { AdamW } from '../src/training/adamw.ts';
import { Geometry } from '../src/training/geometry.ts';
import { decoderMatrix, encode, headRows, PLAIN } from '../src/training/network.ts';
import type { Question } from '../src/training/objectives/objective.ts';
import { disposeParameters, loadParameters } from '../src/training/parameters.ts';

export class PlainTrainer {
  readonly #arch: Arch;
  readonly #parameters: ReadonlyMap<string, Variable>;
  #adam: ReturnType<typeof train.adam> | undefined;
  #geometry: Geometry;

  private constructor(arch: Arch, parameters: ReadonlyMap<string, Variable>) {
    this.#arch = arch;
    this.#parameters = parameters;
    this.#geometry = new Geometry(1);
  }

  static async create(arch: Arch, weights: Weights): Promise<PlainTrainer> {
    const loaded = await loadParameters(arch, weights);
    const parameters = new Map([...loaded].map(([name, value]) => [name, variable(value, true)]));
    disposeParameters(loaded);
    return new PlainTrainer(arch, parameters);
  }

  async step(question: Question, how: AdamW): Promise<{ loss: number; gradNorm: number }> {
    const { lr, weightDecay, beta1, beta2, eps, clip } = how;
    this.#adam ??= train.adam(lr, beta1, beta2, eps);
    const { value, grads } = variableGrads(() => this.#loss(question), [...this.#parameters.values()]);
    const norm = tidy(() =>
      sqrt(
        Object.values(grads)
          .map((grad): Tensor => sum(square(grad)))
          .reduce((a, b) => add(a, b)),
      ),
    );
    const clipped = tidy(() => {
      const factor = minimum(1, div(clip, add(norm, 1e-6)));
      return Object.fromEntries(Object.entries(grads).map(([name, grad]) => [name, mul(grad, factor)]));
    });
    const keep = scalar(1 - lr * weightDecay);
    for (const each of this.#parameters.values()) {
      if (each.rank > 1) tidy(() => each.assign(mul(each, keep)));
    }
    this.#adam.applyGradients(clipped as NamedVariableMap); // their type says variables, their code takes tensors
    const [loss, gradNorm] = await Promise.all([value, norm].map(async (each) => (await each.data())[0] as number));
    for (const each of [value, norm, keep, ...Object.values(grads), ...Object.values(clipped)]) each.dispose();
    return { loss: loss as number, gradNorm: gradNorm as number };
  }

  dispose(): void {
    this.#adam?.dispose();
    this.#geometry.dispose();
    for (const each of this.#parameters.values()) each.dispose();
  }

  #loss({ inputs, length, scored, targets, weights }: Question): Scalar {
    const arch = this.#arch;
    if (this.#geometry.length !== length) {
      this.#geometry.dispose();
      this.#geometry = new Geometry(length);
    }
    const h = headRows(arch, this.#parameters, encode(arch, this.#parameters, this.#geometry, inputs, PLAIN), scored);
    const product: Tensor2D = matMul(h, decoderMatrix(arch, this.#parameters) as Tensor2D, false, true);
    const bias = this.#parameters.get('decoder.bias');
    const logits: Tensor = bias === undefined ? product : add(product, bias);
    const places = targets.map((id, row) => row * arch.vocab + id);
    const right = gather(reshape(logits, [-1]), tensor1d(places, 'int32'));
    return sum(mul(sub(logSumExp(logits, 1), right), tensor1d(weights)));
  }
}
