/**
 * A sampler decides, from what the network says of the open slots, which of them to write now. It is a pure function of
 * its arguments: same canvas, prediction, settings and step, same choice. House words: a *row* is an index into the
 * prediction, a *slot* an index into the canvas.
 */
import type { Canvas } from './canvas.ts';
import type { Prediction } from './denoiser.ts';
import { gumbel, Stream, stepKey } from './rng.ts';
import type { Settings } from './settings.ts';

export interface Situation {
  /** The canvas as the network saw it; not to be changed. */
  readonly canvas: Canvas;
  /** Slots that may be written now, ascending: the open slots of the active block. */
  readonly candidates: readonly number[];
  /** How many slots the plan wants written, at least 1. */
  readonly quota: number;
  readonly settings: Settings;
  /** Step counter of the run; with the seed, the key of this step's random draws. */
  readonly step: number;
}

export interface Choice {
  /** Slots to write and the ids they get, best first. */
  readonly reveal: readonly { readonly slot: number; readonly id: number }[];
  /** Slots to mask again. */
  readonly remask: readonly number[];
}

export interface Sampler {
  readonly name: string;
  /** False when the sampler sets its own pace: the block then runs until it has no masks. */
  readonly followsPlan: boolean;
  /** Slots it wants predicted, ascending; the candidates when absent. Remasking samplers ask for written slots too. */
  readonly asks?: (situation: Situation) => readonly number[];
  readonly choose: (situation: Situation, prediction: Prediction) => Choice;
}

/** How good it is to write a row now: higher is earlier. */
export type Score = (prediction: Prediction, row: number, situation: Situation) => number;

/** p(chosen id) of the noise-free softmax at temperature 1, whatever temperature drew the id (dLLM, LLaDA). */
export function confidence(prediction: Prediction, row: number): number {
  return Math.exp(prediction.logProbs[row] as number);
}

/** Rows whose slots are candidates, ascending. */
export function candidateRows(situation: Situation, prediction: Prediction): number[] {
  const candidates = new Set(situation.candidates);
  const rows: number[] = [];
  prediction.slots.forEach((slot, row) => {
    if (candidates.has(slot)) rows.push(row);
  });
  return rows;
}

/** `rows` by falling value. Equal values: the lower slot first, which torch.topk, the model for this, leaves open. */
export function rank(rows: readonly number[], value: (row: number) => number): number[] {
  const values = new Map(rows.map((row) => [row, value(row)]));
  return rows.toSorted((a, b) => (values.get(b) as number) - (values.get(a) as number) || a - b);
}

/** The choice that writes these rows with the ids the prediction drew for them. */
export function reveal(prediction: Prediction, rows: readonly number[]): Choice {
  return {
    reveal: rows.map((row) => ({ slot: prediction.slots[row] as number, id: prediction.ids[row] as number })),
    remask: [],
  };
}

/**
 * A sampler that writes the `quota` best rows by `score`. With `orderTemperature` x > 0 (Dream's alg_temp) it draws them
 * from softmax(score / x) without replacement instead, which is taking the best of score / x + Gumbel noise.
 */
export function byScore(name: string, score: Score): Sampler {
  return {
    name,
    followsPlan: true,
    choose(situation, prediction) {
      const { quota, settings, step } = situation;
      const heat = settings.orderTemperature;
      const key = stepKey(settings.seed, step, Stream.Order);
      const value = (row: number) => {
        const plain = score(prediction, row, situation);
        return heat === 0 ? plain : plain / heat + gumbel(key, prediction.slots[row] as number, 1);
      };
      return reveal(prediction, rank(candidateRows(situation, prediction), value).slice(0, quota));
    },
  };
}
