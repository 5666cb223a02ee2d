/** What the bench compares: programs that run one ModernBERT on WebGPU and answer the generation loop. */
import { checkPredict, checkScore } from '../diffusion/check.ts';
import { decodeLogits, logProb } from '../diffusion/decode.ts';
import type {
  DrawnSequence,
  Network,
  NetworkInfo,
  Prediction,
  PredictOptions,
  Sequence,
} from '../diffusion/network.ts';
import type { Program } from './names.ts';

export interface Contestant {
  readonly program: Program;
  readonly network: Network;
  /**
   * One forward pass until its result is in JavaScript's hands. Ours answers what a sampler needs; peers hand over the
   * logits `[M, V]`, and what is then computed from them is not counted.
   */
  forward(ids: Int32Array, slots: Int32Array): Promise<unknown>;
  dispose(): Promise<void>;
}

export type Logits = (ids: Int32Array, slots: Int32Array) => Promise<Float32Array>;

/** A runtime that gives logits, as the generation loop asks: decoded and drawn on the processor. */
export class LogitsNetwork implements Network {
  readonly info: NetworkInfo;
  readonly #logits: Logits;

  constructor(about: Pick<NetworkInfo, 'vocabSize' | 'maskId' | 'maxLength'>, logits: Logits) {
    this.info = { ...about, endIds: [], causal: false, logitShift: 0 };
    this.#logits = logits;
  }

  async predict(batch: readonly DrawnSequence[], options: PredictOptions): Promise<readonly Prediction[]> {
    checkPredict(batch, options, this.info);
    const answers: Prediction[] = [];
    for (const sequence of batch) {
      const { ids, asked } = sequence;
      const cost = { forwards: 1, rows: ids.length };
      answers.push(decodeLogits(await this.#logits(ids, asked), undefined, sequence, options, cost));
    }
    return answers;
  }

  async score(
    batch: readonly Sequence[],
    targets: readonly Int32Array[],
    options: Pick<PredictOptions, 'suppress'> = {},
  ): Promise<readonly Float32Array[]> {
    checkScore(batch, targets, options, this.info);
    const { vocabSize } = this.info;
    const answers: Float32Array[] = [];
    for (const [at, { ids, asked }] of batch.entries()) {
      const logits = await this.#logits(ids, asked);
      const row = (m: number) => logits.subarray(m * vocabSize, (m + 1) * vocabSize);
      answers.push(Float32Array.from(targets[at] as Int32Array, (id, m) => logProb(row(m), id, options.suppress)));
    }
    return answers;
  }
}
