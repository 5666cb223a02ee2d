/**
 * How far the distribution of a slot moves when its step takes keys and values from an earlier pass: KL(exact ‖ cached)
 * over the whole vocabulary, from the logits themselves. It runs the network in tfjs directly, because a `Prediction`
 * lists only the likeliest tokens.
 */
import type { Model } from '../src/checkpoint/model.ts';
import type { CacheUse } from '../src/diffusion/network.ts';
import type { Arch } from '../src/model/arch.ts';
import { disposeKeyValues, encodeRows, type KeyValues } from '../src/training/cached.ts';
import { Geometry } from '../src/training/geometry.ts';
import { decode } from '../src/training/network.ts';
import { disposeParameters, loadParameters, type Parameters } from '../src/training/parameters.ts';

export interface Moved {
  /** Per slot, nats. */
  readonly kl: number[];
  /** 1 where the likeliest token is the same, else 0. */
  readonly agree: number[];
}

export class Divergence {
  readonly #arch: Arch;
  readonly #parameters: Parameters;
  #anchor: { readonly ids: Int32Array; readonly keyValues: readonly KeyValues[] } | undefined;

  private constructor(arch: Arch, parameters: Parameters) {
    this.#arch = arch;
    this.#parameters = parameters;
  }

  /** On the current tfjs backend. */
  static async create({ arch, weights }: Model): Promise<Divergence> {
    return new Divergence(arch, await loadParameters(arch, weights));
  }

  /** Of the asked slots of one canvas, without the suppressed ids. */
  async between(
    ids: Int32Array,
    slots: Int32Array,
    { anchor, from, to }: CacheUse & { kind: 'anchored' },
    suppress: readonly number[],
  ): Promise<Moved> {
    if (this.#anchor?.ids.join() !== anchor.join()) {
      disposeKeyValues(this.#anchor?.keyValues);
      this.#anchor = { ids: anchor, keyValues: (await this.#logits(anchor, 0, anchor.length, slots)).keyValues };
    }
    const exact = await this.#logits(ids, 0, ids.length, slots);
    const cached = await this.#logits(ids, from, to, slots, this.#anchor?.keyValues);
    disposeKeyValues(exact.keyValues);
    disposeKeyValues(cached.keyValues);
    const moved: Moved = { kl: [], agree: [] };
    for (let m = 0; m < slots.length; m++) {
      const [p, q] = [exact, cached].map(({ values }) => logSoftmax(column(values, m, slots.length), suppress));
      moved.kl.push(kl(p as Float64Array, q as Float64Array));
      moved.agree.push(Number(likeliest(p as Float64Array) === likeliest(q as Float64Array)));
    }
    return moved;
  }

  dispose(): void {
    disposeKeyValues(this.#anchor?.keyValues);
    disposeParameters(this.#parameters);
  }

  async #logits(ids: Int32Array, from: number, to: number, slots: Int32Array, past?: readonly KeyValues[]) {
    const geometry = new Geometry(ids.length, { from, to });
    const { hidden, keyValues } = encodeRows(this.#arch, this.#parameters, geometry, ids, past);
    const logits = decode(
      this.#arch,
      this.#parameters,
      hidden,
      slots.map((slot) => slot - from),
    );
    const values = (await logits.data()) as Float32Array;
    for (const tensor of [hidden, logits]) tensor.dispose();
    geometry.dispose();
    return { values, keyValues };
  }
}

/** Column m of `[V, M]`. */
function column(values: Float32Array, m: number, count: number): Float64Array {
  return Float64Array.from({ length: values.length / count }, (_, id) => values[id * count + m] as number);
}

function logSoftmax(logits: Float64Array, suppress: readonly number[]): Float64Array {
  for (const id of suppress) logits[id] = Number.NEGATIVE_INFINITY;
  const most = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, x) => total + Math.exp(x - most), 0);
  return logits.map((x) => x - most - Math.log(sum));
}

function kl(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let id = 0; id < p.length; id++) {
    const logP = p[id] as number;
    if (logP > Number.NEGATIVE_INFINITY) sum += Math.exp(logP) * (logP - (q[id] as number));
  }
  return Math.max(0, sum);
}

function likeliest(logProbs: Float64Array): number {
  return logProbs.reduce((best, x, id) => (x > (logProbs[best] as number) ? id : best), 0);
}
