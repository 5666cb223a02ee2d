/**
 * Choosing a token from the alternatives a Prediction kept, at another temperature or within top-k / top-p, without
 * asking the network again. The noise is `gumbel(key, slot, id)`, the very noise the network draws with, so turning
 * truncation on changes only tokens it excludes.
 */
import { MOST_ALTERNATIVES, type Prediction } from './network.ts';
import { gumbel, type Pair, Stream, stepKey } from './rng.ts';
import type { SamplerName, Settings } from './settings.ts';

/** Alternatives to keep when nothing is truncated: enough for the inspector's list and for re-tempering. */
const KEPT = 32;

export function truncates(settings: Settings): boolean {
  return settings.temperature > 0 && (settings.topK > 0 || settings.topP < 1);
}

/**
 * Dream's samplers cut by top-k and top-p before they rank, at temperature 0 too, where nothing is drawn (its
 * generation_utils.py). Only `exact` does so, because texts of links made before would change.
 */
export function ranksCut({ sampler, temperature, exact, topK, topP }: Settings): boolean {
  return exact && temperature === 0 && (topK > 0 || topP < 1) && DREAM.has(sampler);
}
const DREAM: ReadonlySet<SamplerName> = new Set(['maskgit-plus', 'topk-margin', 'dream-entropy']);

/** K to ask for, at most the number of ids that can be listed; when truncating all that can be had, for the nucleus. */
export function alternativesKept(settings: Settings, listable: number): number {
  return Math.min(truncates(settings) || ranksCut(settings) ? MOST_ALTERNATIVES : KEPT, listable);
}

/**
 * Probabilities at `temperature` of row's K alternatives, `[K]`. Those below the K-th were not kept; only their total at
 * temperature 1 is known, and they are counted as if each were as likely as the K-th. That is exact at temperature 1;
 * below it the result is a lower bound, above it an upper bound, and tight whenever the K cover nearly everything.
 */
export function retemper(prediction: Prediction, row: number, temperature: number): Float64Array {
  const k = prediction.topK;
  const logProbs = prediction.topLogProbs.subarray(row * k, (row + 1) * k);
  const best = logProbs[0] as number;
  if (temperature === 0) return Float64Array.from(logProbs, (_, i) => (i === 0 ? 1 : 0));

  const weights = Float64Array.from(logProbs, (lp) => Math.exp((lp - best) / temperature));
  const kept = logProbs.reduce((sum, lp) => sum + Math.exp(lp), 0);
  const last = logProbs[k - 1] as number;
  const notKept = Math.max(0, 1 - kept) / Math.exp(last);
  const total = weights.reduce((sum, w) => sum + w, 0) + notKept * (weights[k - 1] as number);
  return weights.map((w) => w / total);
}

/**
 * How many of the best alternatives stay: the first `topK` (0 = all), then the smallest set that holds `topP`, as in Dream
 * and transformers. mdlm and ReMDM keep as many as together have at most `topP`, one fewer; Barry takes the share of `topP`
 * from what top-k has left.
 */
export function nucleus(probabilities: ArrayLike<number>, topK: number, topP: number): number {
  const limit = topK > 0 ? Math.min(topK, probabilities.length) : probabilities.length;
  if (topP >= 1) return limit;
  let sum = 0;
  for (let i = 0; i < limit; i++) {
    sum += probabilities[i] as number;
    if (sum >= topP) return i + 1;
  }
  return limit;
}

/** Column of row's alternative that wins logProb + temperature · gumbel among the first `count`. */
function draw(prediction: Prediction, row: number, count: number, temperature: number, key: Pair): number {
  let best = 0;
  let bestValue = -Infinity;
  for (let column = 0; column < count; column++) {
    const at = row * prediction.topK + column;
    const noise = gumbel(key, prediction.slots[row] as number, prediction.topIds[at] as number);
    const value = Math.fround((prediction.topLogProbs[at] as number) + Math.fround(temperature * noise));
    if (value > bestValue) {
      best = column;
      bestValue = value;
    }
  }
  return best;
}

/** The prediction with its ids drawn within top-k / top-p; the same object when the settings do not truncate. */
export function truncate(prediction: Prediction, settings: Settings, step: number): Prediction {
  if (!truncates(settings)) return prediction;
  const key = stepKey(settings.seed, step, Stream.Gumbel);
  const ids = prediction.ids.slice();
  const logProbs = prediction.logProbs.slice();
  for (let row = 0; row < prediction.slots.length; row++) {
    const count = nucleus(retemper(prediction, row, settings.temperature), settings.topK, settings.topP);
    const at = row * prediction.topK + draw(prediction, row, count, settings.temperature, key);
    ids[row] = prediction.topIds[at] as number;
    logProbs[row] = prediction.topLogProbs[at] as number;
  }
  return { ...prediction, ids, logProbs };
}

/** The distribution a row's token was drawn from. */
export interface DrawnFrom {
  /** Of its alternatives, likeliest first; those excluded by top-k and top-p are left out, and the rest sum to 1. */
  readonly probabilities: Float64Array;
  /** Of the drawn id. */
  readonly chosen: number;
  /** Nats. */
  readonly entropy: number;
}

/**
 * The distribution after temperature, top-k and top-p; these only where they cut what is drawn, or what is ranked
 * (`ranksCut`). Exact at temperatures 0 (taken as 1, as there nothing is drawn) and 1, and wherever the kept alternatives hold what is drawn from; otherwise what lies beyond them is counted as if each
 * were as likely as the last kept one, as in `retemper`.
 */
export function drawnFrom(prediction: Prediction, row: number, settings: Settings): DrawnFrom {
  const k = prediction.topK;
  const from = row * k;
  const { temperature, topK, topP } = settings;
  const cuts = truncates(settings) || ranksCut(settings);
  if (!cuts && (temperature === 0 || temperature === 1)) {
    return {
      probabilities: Float64Array.from(prediction.topLogProbs.subarray(from, from + k), Math.exp),
      chosen: Math.exp(prediction.logProbs[row] as number),
      entropy: prediction.entropy[row] as number,
    };
  }
  const all = retemper(prediction, row, temperature === 0 ? 1 : temperature);
  const kept = cuts ? all.subarray(0, nucleus(all, topK, topP)) : all;
  const held = kept.reduce((sum, p) => sum + p, 0);
  const total = cuts ? held : 1;
  const probabilities = Float64Array.from(kept, (p) => p / total);
  const last = probabilities.at(-1) ?? 0;
  const beyond = last > 0 ? Math.max(0, total - held) : 0;
  const column = prediction.topIds.subarray(from, from + kept.length).indexOf(prediction.ids[row] as number);
  return {
    probabilities,
    chosen: probabilities[column] ?? last,
    entropy: probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), -beyond * Math.log(last || 1)),
  };
}
