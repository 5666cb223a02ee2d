/**
 * From logits to what the sampler needs of each slot: the id drawn by Gumbel-max (facts §2.6), its log-probability, the
 * entropy, the log-sum-exp and the K likeliest ids. Plain arithmetic in double precision: the tfjs fallback decodes with
 * it, and the engine's fused kernel is tested against it.
 */
import type { Prediction, PredictRequest } from './denoiser.ts';

export interface RowRequest {
  /** 0 = arg-max; otherwise the id with the greatest `logit + temperature · noise(id)`. Ties go to the smaller id. */
  readonly temperature: number;
  /** Standard Gumbel noise of an id; asked only when temperature > 0, and at most once per id. */
  readonly noise: (id: number) => number;
  /** No noise exceeds this. Ids that could not win even with it are passed over. */
  readonly noiseLimit?: number;
  readonly topK: number;
}

export interface Row {
  readonly id: number;
  /** Of the drawn id, in nats, at temperature 1 and without noise; so are `entropy` and `topLogProbs`. */
  readonly logProb: number;
  readonly entropy: number;
  readonly logSumExp: number;
  /** Best first, `[K]`; places without a candidate (K beyond the vocabulary) hold id −1 and −∞. */
  readonly topIds: Int32Array;
  readonly topLogProbs: Float32Array;
}

/** Decodes one row of logits `[V]`; −∞ marks ids that cannot occur. A row with a NaN or no finite logit gives NaNs. */
export function decodeRow(logits: Float32Array, { temperature, noise, noiseLimit, topK }: RowRequest): Row {
  const { ids: topIds, logits: topLogits } = best(logits, Math.max(1, topK));
  const max = topLogits[0] as number;
  let sum = 0;
  let weighted = 0;
  for (let id = 0; id < logits.length; id++) {
    const difference = (logits[id] as number) - max;
    const mass = Math.exp(difference);
    sum += mass;
    // 0 · −∞ would be NaN; a mass of 0 adds nothing.
    if (mass > 0) weighted += mass * difference;
  }
  const logSum = Math.log(sum);
  const logSumExp = max + logSum;
  const id = temperature > 0 ? draw(logits, topIds, temperature, noise, noiseLimit) : (topIds[0] as number);
  return {
    id,
    logProb: (logits[id] ?? Number.NaN) - logSumExp,
    entropy: Math.max(0, logSum - weighted / sum),
    logSumExp,
    topIds: topIds.subarray(0, topK),
    topLogProbs: Float32Array.from(topLogits.subarray(0, topK), (logit) => logit - logSumExp),
  };
}

/** The K greatest finite logits, greatest first, ties to the smaller id. */
function best(logits: Float32Array, count: number): { ids: Int32Array; logits: Float64Array } {
  const ids = new Int32Array(count).fill(-1);
  const values = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number;
    if (!(logit > (values[count - 1] as number))) continue;
    let place = count - 1;
    for (; place > 0 && logit > (values[place - 1] as number); place--) {
      values[place] = values[place - 1] as number;
      ids[place] = ids[place - 1] as number;
    }
    values[place] = logit;
    ids[place] = id;
  }
  return { ids, logits: values };
}

/** Gumbel-max: the arg-max of noisy logits is a draw from softmax(logits / temperature). */
function draw(
  logits: Float32Array,
  likely: Int32Array,
  temperature: number,
  noise: (id: number) => number,
  noiseLimit = Number.POSITIVE_INFINITY,
): number {
  let winner = likely[0] as number;
  if (winner < 0) return winner;
  let score = (logits[winner] as number) + temperature * noise(winner);
  const first = winner;
  const reach = temperature * noiseLimit;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number;
    if (id === first || logit === Number.NEGATIVE_INFINITY || logit + reach < score) continue;
    const noisy = logit + temperature * noise(id);
    if (noisy > score || (noisy === score && id < winner)) {
      score = noisy;
      winner = id;
    }
  }
  return winner;
}

/**
 * Decodes the logits of all asked slots. `conditional` is `[M, V]` row-major; `unconditional`, when given, is the second
 * forward of classifier-free guidance. `noise(slot, id)` is the run's Gumbel noise at this step.
 */
export function decodeLogits(
  conditional: Float32Array,
  unconditional: Float32Array | undefined,
  request: PredictRequest,
  noise: (slot: number, id: number) => number,
  options: { readonly forwards: number; readonly noiseLimit?: number },
): Prediction {
  const { slots, topK, draw } = request;
  const count = slots.length;
  const vocabulary = count === 0 ? 0 : conditional.length / count;
  const prediction = {
    slots: slots.slice(),
    ids: new Int32Array(count),
    logProbs: new Float32Array(count),
    entropy: new Float32Array(count),
    logSumExp: new Float32Array(count),
    topK,
    topIds: new Int32Array(count * topK),
    topLogProbs: new Float32Array(count * topK),
    forwards: options.forwards,
  };
  for (let m = 0; m < count; m++) {
    const slot = slots[m] as number;
    const logits = conditional.slice(m * vocabulary, (m + 1) * vocabulary);
    if (unconditional !== undefined) guide(logits, unconditional, m * vocabulary, request.guidance?.scale ?? 0);
    for (const id of request.suppress ?? []) logits[id] = Number.NEGATIVE_INFINITY;
    const row = decodeRow(logits, {
      temperature: draw.temperature,
      noise: (id) => noise(slot, id),
      topK,
      ...(options.noiseLimit === undefined ? {} : { noiseLimit: options.noiseLimit }),
    });
    prediction.ids[m] = row.id;
    prediction.logProbs[m] = row.logProb;
    prediction.entropy[m] = row.entropy;
    prediction.logSumExp[m] = row.logSumExp;
    prediction.topIds.set(row.topIds, m * topK);
    prediction.topLogProbs.set(row.topLogProbs, m * topK);
  }
  return prediction;
}

/** U + (scale + 1)(C − U), in place of C (LLaDA, arXiv 2502.09992). */
function guide(conditional: Float32Array, unconditional: Float32Array, from: number, scale: number): void {
  for (let id = 0; id < conditional.length; id++) {
    const u = unconditional[from + id] as number;
    conditional[id] = u + (scale + 1) * ((conditional[id] as number) - u);
  }
}
