/**
 * From logits to what the sampler needs of each slot: the id drawn by Gumbel-max (the likeliest after noise of the
 * temperature's size, as LLaDA's generate.py draws), its log-probability, the entropy, the log-sum-exp and the K likeliest ids. Plain arithmetic in double precision: the tfjs fallback decodes with
 * it, and the engine's fused kernel is tested against it.
 */
import { blankPrediction, type DrawnSequence, type Prediction, type PredictOptions } from './network.ts';
import { exponential, type Pair, Stream, stepKey, threefry2x32, uniform } from './rng.ts';

export interface Row {
  /** The drawn id; −1 when no id is possible. */
  readonly id: number;
  /** Of the drawn id, in nats, at temperature 1 and without noise; so are `entropy` and `topLogProbs`. */
  readonly logProb: number;
  readonly entropy: number;
  readonly logSumExp: number;
  /** Best first, ties by id, `[K]`; places without a candidate (K beyond the possible ids) hold id −1 and −∞. */
  readonly topIds: Int32Array;
  readonly topLogProbs: Float32Array;
}

/**
 * Decodes one row of logits `[V]`; −∞ marks ids that cannot occur. A NaN among the logits shows as NaN in the numbers.
 * `noise` says whose Gumbel noise to draw with; without it, or at temperature 0, the likeliest id is taken.
 */
export function decodeRow(
  logits: Float32Array,
  topK: number,
  noise?: { readonly temperature: number; readonly key: Pair; readonly slot: number },
): Row {
  const { ids: topIds, logits: topLogits } = best(logits, Math.max(1, topK));
  const likeliest = topIds[0] as number;
  const max = topLogits[0] as number;
  if (likeliest < 0 && !logits.some(Number.isNaN)) {
    const topLogProbs = Float32Array.from(topLogits.subarray(0, topK));
    return { id: -1, logProb: max, entropy: 0, logSumExp: max, topIds: topIds.subarray(0, topK), topLogProbs };
  }
  let sum = 0;
  let weighted = 0;
  for (let id = 0; id < logits.length; id++) {
    const difference = (logits[id] as number) - max;
    const mass = Math.exp(difference);
    sum += mass;
    // 0 · −∞ would be NaN; a mass of 0 adds nothing.
    if (mass !== 0) weighted += mass * difference;
  }
  const logSum = Math.log(sum);
  const logSumExp = max + logSum;
  const id =
    noise === undefined || noise.temperature === 0 || likeliest < 0
      ? likeliest
      : draw(logits, likeliest, noise.temperature, noise.key, noise.slot);
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

/**
 * Gumbel-max: the arg-max of `logit + temperature · gumbel` is a draw from softmax(logits / temperature). Half of the
 * work is saved by using both words of a cipher block, and nearly all logarithms by a bound: the noise of a uniform w is
 * −ln(−ln(1 − w)) ≤ −ln w, so an id can beat the best score so far only if w ≤ exp((logit − score) / temperature).
 */
function draw(logits: Float32Array, likeliest: number, temperature: number, key: Pair, slot: number): number {
  let winner = likeliest;
  let score = Number.NEGATIVE_INFINITY;
  const consider = (id: number, logit: number, w: number) => {
    // The bound is taken a little high, because w and the noise are rounded to f32.
    if (w > 1.00001 * Math.exp((logit - score) / temperature)) return;
    // gumbel(key, slot, id) of rng.ts, from its w.
    const noisy = logit + temperature * Math.fround(-Math.log(exponential(w)));
    if (noisy > score || (noisy === score && id < winner)) {
      score = noisy;
      winner = id;
    }
  };
  const block = (even: number) => {
    const words = threefry2x32(key, [slot, even >>> 1]);
    for (let half = 0; half < 2; half++) {
      const logit = logits[even + half] ?? Number.NEGATIVE_INFINITY;
      if (logit !== Number.NEGATIVE_INFINITY) consider(even + half, logit, uniform(words[half] as number));
    }
  };
  // The likeliest first: its score rules most others out.
  const first = likeliest - (likeliest % 2);
  block(first);
  for (let even = 0; even < logits.length; even += 2) if (even !== first) block(even);
  return winner;
}

/**
 * Decodes the logits of all asked slots. `conditional` is `[M, V]` row-major; `unconditional`, when given, is the second
 * forward of classifier-free guidance; `stream` says which noise the ids are drawn with.
 */
export function decodeLogits(
  conditional: Float32Array,
  unconditional: Float32Array | undefined,
  { asked, draw: drawn, guidance }: Pick<DrawnSequence, 'asked' | 'draw' | 'guidance'>,
  { topK, suppress = [] }: PredictOptions,
  cost: Pick<Prediction, 'forwards' | 'rows'>,
  stream: Stream = Stream.Gumbel,
): Prediction {
  const { seed, step, temperature } = drawn;
  const key = stepKey(seed, step, stream);
  const count = asked.length;
  const vocabulary = count === 0 ? 0 : conditional.length / count;
  const prediction = blankPrediction(asked, topK, cost);
  for (const [m, slot] of asked.entries()) {
    const logits = conditional.slice(m * vocabulary, (m + 1) * vocabulary);
    if (unconditional !== undefined) guide(logits, unconditional, m * vocabulary, guidance?.scale ?? 0);
    for (const id of suppress) logits[id] = Number.NEGATIVE_INFINITY;
    const row = decodeRow(logits, topK, { temperature, key, slot });
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

/** log softmax(logits)[target] with the suppressed ids left out; −∞ for a suppressed target. */
export function logProb(logits: ArrayLike<number>, target: number, suppress: readonly number[] = []): number {
  if (suppress.includes(target)) return Number.NEGATIVE_INFINITY;
  const off = new Set(suppress);
  let most = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) {
    if ((logits[id] as number) > most && !off.has(id)) most = logits[id] as number;
  }
  let sum = 0;
  for (let id = 0; id < logits.length; id++) if (!off.has(id)) sum += Math.exp((logits[id] as number) - most);
  return (logits[target] as number) - most - Math.log(sum);
}
