/**
 * The Denoiser for machines without WebGPU: ModernBERT on tfjs, decoded in plain TypeScript with the noise that the
 * engine uses. It runs on whatever tfjs backend was current when it was made (`backends.ts` chooses).
 */

import { getBackend, keep, setBackend, slice, type Tensor2D, tidy, transpose } from '@tensorflow/tfjs-core';
import { endIds } from '../checkpoint/end-ids.ts';
import type { Model } from '../checkpoint/model.ts';
import { checkRequest } from '../diffusion/check.ts';
import { decodeLogits } from '../diffusion/decode.ts';
import type { Denoiser, Prediction, PredictRequest, Reuse, TargetRequest } from '../diffusion/denoiser.ts';
import { targetLogProbs } from '../diffusion/target-log-probs.ts';
import { type Arch, isCausal } from '../model/arch.ts';
import { broken } from './broken.ts';
import { disposeKept, encodeRows, type KeyValues } from './cached.ts';
import { FallbackAutoregressor } from './fallback-autoregressor.ts';
import { Geometry } from './geometry.ts';
import { HiddenCache } from './hidden-cache.ts';
import { decode, encode } from './network.ts';
import { disposeParameters, loadParameters, type Parameters } from './parameters.ts';

const CACHE_BYTES = 32 << 20;

export class FallbackDenoiser implements Denoiser {
  readonly vocabSize: number;
  readonly maskId: number;
  readonly endIds: readonly number[];
  readonly maxLength: number;
  /** The tfjs backend it runs on. */
  readonly backend: string;
  /** Of causal models: the same weights, writing left to right. */
  readonly autoregressor: FallbackAutoregressor | undefined;
  readonly #arch: Arch;
  readonly #parameters: Parameters;
  readonly #owned: boolean;
  readonly #cache: HiddenCache;
  #geometry: Geometry;
  /** Keys and values of the whole pass over one canvas, for requests that reuse them. */
  #anchor: { readonly ids: Int32Array; readonly kept: readonly KeyValues[] } | undefined;

  private constructor(arch: Arch, parameters: Parameters, cacheBytes: number, owned: boolean) {
    this.vocabSize = arch.vocab;
    this.maskId = arch.ids.mask ?? -1;
    this.endIds = endIds(arch);
    this.maxLength = arch.maxLength;
    this.backend = getBackend();
    this.#arch = arch;
    this.#parameters = parameters;
    this.#owned = owned;
    this.#cache = new HiddenCache(cacheBytes);
    this.#geometry = new Geometry(1);
    this.autoregressor = isCausal(arch) ? new FallbackAutoregressor(arch, parameters) : undefined;
  }

  /** Uploads the weights to the current tfjs backend. Throws `UnmaskError` when they cannot be read or do not fit. */
  static async create(
    { arch, weights }: Pick<Model, 'arch' | 'weights'>,
    options: { readonly signal?: AbortSignal | undefined; readonly cacheBytes?: number } = {},
  ): Promise<FallbackDenoiser> {
    const parameters = await loadParameters(arch, weights, options.signal);
    return new FallbackDenoiser(arch, parameters, options.cacheBytes ?? CACHE_BYTES, true);
  }

  /** Over tensors that stay somebody else's, on the current backend; whoever changes them says `forget`. */
  static over(arch: Arch, parameters: Parameters): FallbackDenoiser {
    return new FallbackDenoiser(arch, parameters, CACHE_BYTES, false);
  }

  /** Everything remembered of earlier canvases goes, because the weights have changed. */
  forget(): void {
    this.autoregressor?.dispose();
    disposeKept(this.#anchor?.kept);
    this.#anchor = undefined;
    this.#cache.dispose();
  }

  async predict(request: PredictRequest): Promise<Prediction> {
    checkRequest(request, this);
    const { ids, slots, guidance, reuse, fresh } = request;
    try {
      if (getBackend() !== this.backend) await setBackend(this.backend);
      if (reuse !== undefined && !same(ids, reuse.anchor)) return await this.#predictRows(request, reuse);
      const canvases = guidance === undefined ? [ids] : [ids, guidance.unconditional];
      const { states, forwards } = reuse === undefined ? this.#encode(canvases, fresh) : this.#encodeAnchor(ids, fresh);
      const [conditional, unconditional] = await Promise.all(states.map((hidden) => this.#logits(hidden, slots)));
      const cost = { forwards, rows: forwards * ids.length };
      return decodeLogits(conditional as Float32Array, unconditional, request, cost);
    } catch (error) {
      throw broken(error, this.backend);
    }
  }

  targetLogProbs(request: TargetRequest): Promise<Float32Array> {
    const { vocabSize, maxLength } = this;
    const logits = async (ids: Int32Array, from: number, to: number) => {
      try {
        if (getBackend() !== this.backend) await setBackend(this.backend);
        const rows = Int32Array.from({ length: to - from }, (_, row) => from + row);
        return await this.#logits(this.#encode([ids]).states[0] as Tensor2D, rows);
      } catch (error) {
        throw broken(error, this.backend);
      }
    };
    return targetLogProbs({ vocabSize, maxLength, logits }, request);
  }

  /** Frees all tensors; the denoiser cannot be asked again. */
  dispose(): void {
    this.forget();
    this.#geometry.dispose();
    if (this.#owned) disposeParameters(this.#parameters);
  }

  /** Rows `[from, to)` alone, after a whole pass over the anchor if its keys and values are not there. */
  async #predictRows(request: PredictRequest, { anchor, from, to }: Reuse): Promise<Prediction> {
    const { ids, slots, fresh } = request;
    const key = Int32Array.of(...ids, -1, ...anchor, from, to);
    const cost = { forwards: 0, rows: 0 };
    if (fresh || !this.#cache.has(key)) {
      if (!this.#anchor || !same(this.#anchor.ids, anchor)) {
        this.#keepAnchor(anchor);
        cost.forwards++;
        cost.rows += anchor.length;
      }
      const geometry = this.#geometryOf(ids.length, from, to);
      const { hidden, kept } = encodeRows(this.#arch, this.#parameters, geometry, ids, this.#anchor?.kept);
      disposeKept(kept);
      this.#cache.put(key, hidden);
      cost.forwards++;
      cost.rows += to - from;
    }
    const rows = slots.map((slot) => slot - from);
    const logits = await this.#logits(this.#cache.get(key) as Tensor2D, rows);
    return decodeLogits(logits, undefined, request, cost);
  }

  /** A whole pass over a canvas that leaves its keys and values; none when both are still there. */
  #encodeAnchor(ids: Int32Array, fresh = false): { states: Tensor2D[]; forwards: number } {
    const known = !fresh && this.#anchor !== undefined && same(this.#anchor.ids, ids) && this.#cache.has(ids);
    if (!known) this.#keepAnchor(ids);
    return { states: [this.#cache.get(ids) as Tensor2D], forwards: known ? 0 : 1 };
  }

  #keepAnchor(ids: Int32Array): void {
    const { hidden, kept } = encodeRows(this.#arch, this.#parameters, this.#geometryOf(ids.length), ids);
    disposeKept(this.#anchor?.kept);
    this.#anchor = { ids: ids.slice(), kept };
    this.#cache.put(ids, hidden);
  }

  #geometryOf(length: number, from = 0, to = length): Geometry {
    const old = this.#geometry;
    if (old.length !== length || old.from !== from || old.to !== to) {
      old.dispose();
      this.#geometry = new Geometry(length, { from, to });
    }
    return this.#geometry;
  }

  /** Final hidden states `[T, H]` of each canvas (all of one length); those not remembered go through in one batch. */
  #encode(canvases: readonly Int32Array[], fresh = false): { states: Tensor2D[]; forwards: number } {
    const length = (canvases[0] as Int32Array).length;
    const missing = canvases.filter((canvas) => fresh || !this.#cache.has(canvas));
    if (missing.length > 0) {
      tidy(() => {
        const batch = Int32Array.from(missing.flatMap((canvas) => [...canvas]));
        const hidden = encode(this.#arch, this.#parameters, this.#geometryOf(length), batch);
        for (const [index, canvas] of missing.entries()) {
          this.#cache.put(canvas, keep(slice(hidden, [index * length, 0], [length, -1])));
        }
      });
    }
    return { states: canvases.map((canvas) => this.#cache.get(canvas) as Tensor2D), forwards: missing.length };
  }

  /** Logits of the asked slots, `[M, V]`. */
  async #logits(hidden: Tensor2D, slots: Int32Array): Promise<Float32Array> {
    if (slots.length === 0) return new Float32Array(0);
    const logits = tidy(() => transpose(decode(this.#arch, this.#parameters, hidden, slots)));
    try {
      return (await logits.data()) as Float32Array;
    } finally {
      logits.dispose();
    }
  }
}

function same(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((id, slot) => id === b[slot]);
}
