/** What the bench compares: programs that run one ModernBERT on WebGPU and answer the generation loop. */
import { checkRequest } from '../diffusion/check.ts';
import { decodeLogits } from '../diffusion/decode.ts';
import type { Denoiser, Prediction, PredictRequest } from '../diffusion/denoiser.ts';

import type { Program } from './names.ts';

export interface Contestant {
  readonly program: Program;
  readonly denoiser: Denoiser;
  /**
   * One forward pass until its result is in JavaScript's hands. Ours answers what a sampler needs; peers hand over the
   * logits `[M, V]`, and what is then computed from them is not counted.
   */
  forward(ids: Int32Array, slots: Int32Array): Promise<unknown>;
  dispose(): Promise<void>;
}

export type Logits = (ids: Int32Array, slots: Int32Array) => Promise<Float32Array>;

/** A runtime that gives logits, as the generation loop asks: decoded and drawn on the processor. */
export class LogitsDenoiser implements Denoiser {
  readonly vocabSize: number;
  readonly maskId: number;
  readonly maxLength: number;
  readonly #logits: Logits;

  constructor({ vocabSize, maskId, maxLength }: Omit<Denoiser, 'predict'>, logits: Logits) {
    this.vocabSize = vocabSize;
    this.maskId = maskId;
    this.maxLength = maxLength;
    this.#logits = logits;
  }

  async predict(request: PredictRequest): Promise<Prediction> {
    checkRequest(request, this);
    const { ids, slots } = request;
    return decodeLogits(await this.#logits(ids, slots), undefined, request, { forwards: 1, rows: ids.length });
  }
}
