/**
 * The numbers that the time line and the counters draw, all computed from a Trace. Tokens per pass is what parallel
 * decoding is judged by; unigram entropy and repetition keep it honest, because a text that repeats itself is easy to
 * write fast and surely (entropy beside perplexity: MDLM's follow-ups, e.g. arXiv 2409.02908).
 */

import { copyCanvas, openSlots } from './canvas.ts';
import { least } from './extremes.ts';
import { applyOps, writtenIn } from './ops.ts';
import { logProbsOf, writeEdit } from './replay.ts';
import type { Step, Trace } from './trace.ts';

export interface StepStatistics {
  /** Slots written in the step. */
  readonly written: number;
  /** Open slots after it. */
  readonly masksLeft: number;
  /** Mean and least probability of the written tokens, as in the step's prediction; NaN when none was written. */
  readonly meanConfidence: number;
  readonly leastConfidence: number;
  /** Mean entropy of the asked slots, nats; NaN when none was asked. */
  readonly meanEntropy: number;
}

/** One entry per step. */
export function stepStatistics(trace: Pick<Trace, 'start' | 'steps' | 'edits' | 'maskId'>): StepStatistics[] {
  let canvas = copyCanvas(trace.start);
  return trace.steps.map((step, index) => {
    for (const edit of trace.edits) if (edit.before === index) writeEdit(canvas, edit);
    canvas = applyOps(canvas, step.ops, trace.maskId);
    const confidences = writtenConfidences(step);
    return {
      written: writtenIn(step).length,
      masksLeft: openSlots(canvas).length,
      meanConfidence: mean(confidences),
      leastConfidence: confidences.length === 0 ? Number.NaN : least(confidences),
      meanEntropy: mean(Array.from(step.prediction.entropy)),
    };
  });
}

/** Probabilities of the tokens a step wrote, in the order they were ranked. */
export function writtenConfidences(step: Step): number[] {
  return logProbsOf(step).map((logProb) => Math.exp(logProb));
}

/** Tokens written per forward pass (TPF); passes answered from memory cost nothing. NaN before the first pass. */
export function tokensPerPass(steps: readonly Step[]): number {
  const forwards = steps.reduce((sum, step) => sum + step.forwards, 0);
  return forwards === 0 ? Number.NaN : writtenSlots(steps) / forwards;
}

/** How many slots these steps have written that still stand; one written several times counts once. */
export function writtenSlots(steps: readonly Step[]): number {
  const slots = new Set<number>();
  for (const step of steps) {
    for (const op of step.ops) {
      if ('set' in op) slots.add(op.set);
      else if ('insert' in op) slots.add(op.insert);
      else slots.delete('mask' in op ? op.mask : op.remove);
    }
  }
  return slots.size;
}

/** Entropy of the token frequencies of a text, nats. 0 for one token repeated, ln n for n different ones. */
export function unigramEntropy(ids: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (const id of Array.from(ids)) counts.set(id, (counts.get(id) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / ids.length) * Math.log(count / ids.length);
  return entropy;
}

/** Share of the n-grams that occurred before in the text: 1 − distinct-n. 0 for a text shorter than n. */
export function repetition(ids: ArrayLike<number>, n = 3): number {
  const total = ids.length - n + 1;
  if (total <= 0) return 0;
  const text = Array.from(ids);
  const distinct = new Set(Array.from({ length: total }, (_, i) => text.slice(i, i + n).join(' ')));
  return 1 - distinct.size / total;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, x) => sum + x, 0) / values.length;
}
