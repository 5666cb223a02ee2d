/** What changes the weights: AdamW over every tensor of a model, here in plain TypeScript for any tfjs backend. */
import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { type AdamW, clipFactor, type Moments, update } from './adamw.ts';
import type { Parameters } from './parameters.ts';

export interface Optimiser {
  /**
   * One update by `gradients` (the caller disposes them); resolves with their norm before clipping. Nothing changes when
   * that is not finite.
   */
  apply(gradients: Parameters, how: AdamW): Promise<number>;
  /** Updates made so far. */
  readonly steps: number;
  /** That it holds beside tensors of tfjs. */
  readonly bytes: number;
  /** Copies of all tensors and their moments, in the layout of `Parameters`. */
  read(): Promise<Map<string, Held>>;
  restore(steps: number, moments: (name: string) => Moments): void;
  dispose(): void;
}

/** Matrices decay, norms and biases do not. */
export function decays(parameter: Tensor): boolean {
  return parameter.rank > 1;
}

export interface Held extends Moments {
  readonly parameter: Float32Array;
}

export class PlainOptimiser implements Optimiser {
  readonly #parameters: Map<string, Tensor>;
  readonly #held = new Map<string, Held>();
  #steps = 0;

  private constructor(parameters: Map<string, Tensor>) {
    this.#parameters = parameters;
  }

  /** Exchanges the tensors in `parameters` at every update. */
  static async create(parameters: Map<string, Tensor>): Promise<PlainOptimiser> {
    const optimiser = new PlainOptimiser(parameters);
    for (const [name, each] of parameters) {
      const parameter = Float32Array.from(await each.data());
      optimiser.#held.set(name, {
        parameter,
        first: new Float32Array(parameter.length),
        second: new Float32Array(parameter.length),
      });
    }
    return optimiser;
  }

  get steps(): number {
    return this.#steps;
  }

  get bytes(): number {
    return [...this.#held.values()].reduce((sum, { parameter }) => sum + 3 * parameter.byteLength, 0);
  }

  async apply(gradients: Parameters, how: AdamW): Promise<number> {
    const values = new Map<string, Float32Array>();
    for (const [name, gradient] of gradients) values.set(name, (await gradient.data()) as Float32Array);
    const norm = globalNorm(values.values());
    if (!Number.isFinite(norm)) return norm;
    const step = ++this.#steps;
    const factor = clipFactor(norm, how.clip);
    for (const [name, { parameter, ...moments }] of this.#held) {
      const old = this.#parameters.get(name) as Tensor;
      update(parameter, values.get(name) as Float32Array, moments, how, { step, factor, decays: decays(old) });
      // A copy: some backends keep the array itself, and tensors do not change.
      this.#parameters.set(name, tensor(parameter.slice(), old.shape, 'float32'));
      old.dispose();
    }
    return norm;
  }

  async read(): Promise<Map<string, Held>> {
    const copies = new Map<string, Held>();
    for (const [name, { parameter, first, second }] of this.#held) {
      copies.set(name, { parameter: parameter.slice(), first: first.slice(), second: second.slice() });
    }
    return copies;
  }

  restore(steps: number, moments: (name: string) => Moments): void {
    this.#steps = steps;
    for (const [name, { first, second }] of this.#held) {
      const wanted = moments(name);
      first.set(wanted.first);
      second.set(wanted.second);
    }
  }

  dispose(): void {
    this.#held.clear();
  }
}

function globalNorm(gradients: Iterable<Float32Array>): number {
  let sum = 0;
  for (const gradient of gradients) for (const value of gradient) sum += value * value;
  return Math.sqrt(sum);
}
