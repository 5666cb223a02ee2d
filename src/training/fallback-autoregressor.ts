/**
 * A causal model in tfjs that writes left to right: keys and values of the text read last stay, so a text that goes on
 * from there costs its new tokens only.
 */

import { getBackend, setBackend, type Tensor2D, tidy, transpose } from '@tensorflow/tfjs-core';
import { type Autoregressor, checkNext, commonPrefix, type NextRequest } from '../diffusion/autoregressor.ts';
import { checkCanvas } from '../diffusion/check.ts';
import { decodeLogits } from '../diffusion/decode.ts';
import type { Prediction } from '../diffusion/denoiser.ts';
import type { Arch } from '../model/arch.ts';
import { broken } from './broken.ts';
import { disposeKept, encodeRows, type KeyValues } from './cached.ts';
import { Geometry } from './geometry.ts';
import { decode } from './network.ts';
import type { Parameters } from './parameters.ts';

/** Rows whose logits are held at once while scoring. */
const CHUNK = 32;

export class FallbackAutoregressor implements Autoregressor {
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly #arch: Arch;
  readonly #parameters: Parameters;
  readonly #backend = getBackend();
  /** The text whose keys and values are kept. */
  #text = new Int32Array(0);
  #kept: readonly KeyValues[] | undefined;
  #rows = 0;

  /** `parameters` stay the caller's. */
  constructor(arch: Arch, parameters: Parameters) {
    this.vocabSize = arch.vocab;
    this.maxLength = arch.maxLength;
    this.#arch = arch;
    this.#parameters = parameters;
  }

  /** Tokens that went through the network so far. */
  get rows(): number {
    return this.#rows;
  }

  async next(request: NextRequest): Promise<Prediction> {
    const ids = request.ids.slice();
    const asked = checkNext({ ...request, ids }, this);
    try {
      if (getBackend() !== this.#backend) await setBackend(this.#backend);
      const from = Math.min(commonPrefix(this.#text, ids), ids.length - 1);
      const hidden = this.#read(ids, from);
      const logits = await this.#logits(hidden, [ids.length - from - 1]).finally(() => hidden.dispose());
      return decodeLogits(logits, undefined, asked, { forwards: 1, rows: ids.length - from });
    } catch (error) {
      throw broken(error, this.#backend);
    }
  }

  async score(text: Int32Array): Promise<Float32Array> {
    checkCanvas(text, this);
    const ids = text.slice();
    const scores = new Float32Array(ids.length - 1);
    if (scores.length === 0) return scores;
    try {
      if (getBackend() !== this.#backend) await setBackend(this.#backend);
      const hidden = this.#read(ids.subarray(0, -1), 0);
      try {
        for (let from = 0; from < scores.length; from += CHUNK) {
          const rows = Array.from({ length: Math.min(CHUNK, scores.length - from) }, (_, i) => from + i);
          const logits = await this.#logits(hidden, rows);
          rows.forEach((row, i) => {
            const values = logits.subarray(i * this.vocabSize, (i + 1) * this.vocabSize);
            scores[row] = (values[ids[row + 1] as number] as number) - logSumExp(values);
          });
        }
      } finally {
        hidden.dispose();
      }
      return scores;
    } catch (error) {
      throw broken(error, this.#backend);
    }
  }

  dispose(): void {
    disposeKept(this.#kept);
    this.#kept = undefined;
    this.#text = new Int32Array(0);
  }

  /** Hidden states `[T − from, H]` of the text's tokens from `from` on; those before are the kept ones. */
  #read(ids: Int32Array, from: number): Tensor2D {
    const geometry = new Geometry(ids.length, { from });
    try {
      const past = from === 0 ? undefined : this.#kept;
      const { hidden, kept } = encodeRows(this.#arch, this.#parameters, geometry, ids, past);
      disposeKept(this.#kept);
      this.#kept = kept;
      this.#text = ids.slice();
      this.#rows += ids.length - from;
      return hidden;
    } finally {
      geometry.dispose();
    }
  }

  /** `[M, V]`. */
  async #logits(hidden: Tensor2D, rows: readonly number[]): Promise<Float32Array> {
    const logits = tidy(() => transpose(decode(this.#arch, this.#parameters, hidden, Int32Array.from(rows))));
    try {
      return (await logits.data()) as Float32Array;
    } finally {
      logits.dispose();
    }
  }
}

function logSumExp(values: Float32Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) most = Math.max(most, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - most);
  return most + Math.log(sum);
}
