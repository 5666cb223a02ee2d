/**
 * The Denoiser for machines without WebGPU: ModernBERT on tfjs, decoded in plain TypeScript with the noise that the
 * engine uses. It runs on whatever tfjs backend was current when it was made (`backends.ts` chooses).
 */
import { getBackend, keep, slice, type Tensor2D, tidy, transpose } from '@tensorflow/tfjs-core';
import type { Model, ModelConfig } from '../checkpoint/model.ts';
import { checkCanvas, checkRequest } from '../diffusion/check.ts';
import { decodeLogits } from '../diffusion/decode.ts';
import type { Denoiser, Prediction, PredictRequest } from '../diffusion/denoiser.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { Geometry } from './geometry.ts';
import { HiddenCache } from './hidden-cache.ts';
import { decode, encode } from './modernbert.ts';
import { disposeParameters, loadParameters, type Parameters } from './parameters.ts';

const CACHE_BYTES = 32 << 20;

export class FallbackDenoiser implements Denoiser {
  readonly vocabSize: number;
  readonly maskId: number;
  readonly maxLength: number;
  /** The tfjs backend it runs on. */
  readonly backend: string;
  readonly #config: ModelConfig;
  readonly #parameters: Parameters;
  readonly #cache: HiddenCache;
  #geometry: Geometry;

  private constructor(config: ModelConfig, parameters: Parameters, cacheBytes: number) {
    this.vocabSize = config.vocabSize;
    this.maskId = config.ids.mask ?? -1;
    this.maxLength = config.maxLength;
    this.backend = getBackend();
    this.#config = config;
    this.#parameters = parameters;
    this.#cache = new HiddenCache(cacheBytes);
    this.#geometry = new Geometry(config, 1);
  }

  /** Uploads the weights to the current tfjs backend. Throws `UnmaskError` when they cannot be read or do not fit. */
  static async create(
    { config, weights }: Pick<Model, 'config' | 'weights'>,
    options: { readonly signal?: AbortSignal | undefined; readonly cacheBytes?: number } = {},
  ): Promise<FallbackDenoiser> {
    const parameters = await loadParameters(weights, options.signal);
    return new FallbackDenoiser(config, parameters, options.cacheBytes ?? CACHE_BYTES);
  }

  async predict(request: PredictRequest): Promise<Prediction> {
    checkRequest(request, this);
    const { ids, slots, guidance, fresh } = request;
    try {
      const canvases = guidance === undefined ? [ids] : [ids, guidance.unconditional];
      const { states, forwards } = this.#encode(canvases, fresh);
      const [conditional, unconditional] = await Promise.all(states.map((hidden) => this.#logits(hidden, slots)));
      return decodeLogits(conditional as Float32Array, unconditional, request, {
        forwards,
        rows: forwards * ids.length,
      });
    } catch (error) {
      throw broken(error, this.backend);
    }
  }

  /** Raw logits `[to − from, V]` of rows `[from, to)`. */
  async logits(ids: Int32Array, from = 0, to = ids.length): Promise<Float32Array> {
    checkCanvas(ids, this);
    const rows = Int32Array.from({ length: to - from }, (_, i) => from + i);
    return this.#logits(this.#encode([ids]).states[0] as Tensor2D, rows);
  }

  /** Frees all tensors; the denoiser cannot be asked again. */
  dispose(): void {
    this.#cache.dispose();
    this.#geometry.dispose();
    disposeParameters(this.#parameters);
  }

  /** Final hidden states `[T, H]` of each canvas (all of one length); those not remembered go through in one batch. */
  #encode(canvases: readonly Int32Array[], fresh = false): { states: Tensor2D[]; forwards: number } {
    const length = (canvases[0] as Int32Array).length;
    if (this.#geometry.length !== length) {
      this.#geometry.dispose();
      this.#geometry = new Geometry(this.#config, length);
    }
    const missing = canvases.filter((canvas) => fresh || !this.#cache.has(canvas));
    if (missing.length > 0) {
      tidy(() => {
        const batch = Int32Array.from(missing.flatMap((canvas) => [...canvas]));
        const hidden = encode(this.#config, this.#parameters, this.#geometry, batch);
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
    const logits = tidy(() => transpose(decode(this.#config, this.#parameters, hidden, slots)));
    try {
      return (await logits.data()) as Float32Array;
    } finally {
      logits.dispose();
    }
  }
}

/** What tfjs throws (out of memory, a lost WebGL context) in words. */
function broken(error: unknown, backend: string): UnmaskError {
  if (error instanceof UnmaskError) return error;
  const words = error instanceof Error ? error.message : String(error);
  return new UnmaskError(
    {
      code: 'device',
      message: `The ${backend} backend could not compute this canvas: ${words}`,
      remedy: 'Try a shorter canvas or a smaller model, or reload the page.',
    },
    { cause: error },
  );
}
