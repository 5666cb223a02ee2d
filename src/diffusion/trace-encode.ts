/**
 * A Trace as a file: JSON with the names of `trace.ts`, so that a person or a notebook can read it. Numbers that come
 * from the network are rounded to 4 decimals (probabilities then agree to 0.01 %) and times to 2, which makes a file
 * about a third as long as full precision and changes nothing on screen. `trace-decode.ts` reads it back.
 */
import type { Prediction } from './denoiser.ts';
import type { Step, Trace } from './trace.ts';

/** Marks the file as ours. */
export const TRACE_FORMAT = 'unmask-trace';

/** What −∞ and NaN become, which JSON has no words for: e^−9999 is 0. */
const NOTHING = -9999;

export interface EncodeOptions {
  /** Alternatives to keep per slot, for small files; all that the trace has when absent. */
  readonly alternatives?: number | undefined;
}

export function encodeTrace(trace: Trace, { alternatives = Number.POSITIVE_INFINITY }: EncodeOptions = {}): string {
  return JSON.stringify({
    format: TRACE_FORMAT,
    ...trace,
    start: { ids: Array.from(trace.start.ids), states: Array.from(trace.start.states) },
    steps: trace.steps.map((step) => encodeStep(step, alternatives)),
  });
}

function encodeStep(step: Step, alternatives: number): unknown {
  return {
    ...step,
    milliseconds: rounded(step.milliseconds, 2),
    prediction: encodePrediction(step.prediction, Math.min(alternatives, step.prediction.topK)),
  };
}

function encodePrediction(prediction: Prediction, topK: number): unknown {
  // Column c of row r stands at r · K + c.
  const kept = (_: number, i: number) => i % prediction.topK < topK;
  return {
    slots: Array.from(prediction.slots),
    ids: Array.from(prediction.ids),
    logProbs: short(prediction.logProbs),
    entropy: short(prediction.entropy),
    logSumExp: short(prediction.logSumExp),
    topK,
    topIds: Array.from(prediction.topIds.filter(kept)),
    topLogProbs: short(prediction.topLogProbs.filter(kept)),
    forwards: prediction.forwards,
  };
}

const short = (numbers: Float32Array): number[] => Array.from(numbers, (x) => rounded(x, 4));

function rounded(x: number, decimals: number): number {
  if (!Number.isFinite(x)) return NOTHING;
  const unit = 10 ** decimals;
  // Adding 0 turns −0 into 0, which is also one character less.
  return Math.round(x * unit) / unit + 0;
}
