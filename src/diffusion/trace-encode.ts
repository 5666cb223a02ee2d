/**
 * A Trace, or a tree of them, as a file: JSON with the names of `trace.ts`, so that a person or a notebook can read it. Numbers that come
 * from the network are rounded to 4 decimals (probabilities then agree to 0.01 %) and times to 2, which makes a file
 * about a third as long as full precision and changes nothing on screen. `trace-decode.ts` reads it back.
 */
import { type Branch, branchOf, sharedSteps, sortedEdits, type TraceTree } from './branches.ts';
import type { Canvas } from './canvas.ts';
import type { Prediction } from './network.ts';
import { SETTING_NAMES, type Settings } from './settings.ts';
import type { Step, Trace } from './trace.ts';

/** Marks the file as ours. */
export const TRACE_FORMAT = 'unmask-trace';

/** What −∞ and NaN become, which JSON has no words for: e^−9999 is 0. */
const NOTHING = -9999;

export interface EncodeOptions {
  /** Alternatives to keep per slot, for small files; all that the trace has when absent. */
  readonly alternatives?: number | undefined;
}

/** One line. */
export function encodeTrace(trace: Trace, { alternatives = Number.POSITIVE_INFINITY }: EncodeOptions = {}): string {
  return JSON.stringify({
    format: TRACE_FORMAT,
    ...trace,
    start: encodeCanvas(trace.start),
    steps: trace.steps.map((step) => encodeStep(step, alternatives)),
  });
}

/**
 * A tree: what all branches share once, and of each branch its name, its parent, the step at which it left
 * it, and from there on what differs. Its model is that of the first branch.
 */
export function encodeTree(tree: TraceTree, { alternatives = Number.POSITIVE_INFINITY }: EncodeOptions = {}): string {
  const { model, maskId } = (tree.branches[0] as Branch).trace;
  return JSON.stringify({
    format: TRACE_FORMAT,
    version: 3,
    model,
    maskId,
    current: tree.current,
    next: tree.next,
    branches: tree.branches.map((branch) => encodeBranch(tree, branch, alternatives)),
    pieces: Object.assign({}, ...tree.branches.map(({ trace }) => trace.pieces)),
  });
}

function encodeBranch(tree: TraceTree, { id, name, parent, trace }: Branch, alternatives: number): unknown {
  const from = parent === undefined ? undefined : branchOf(tree, parent)?.trace;
  const step = from ? sharedSteps(trace, from) : 0;
  return {
    id,
    name,
    // JSON leaves out what is undefined.
    parent,
    step,
    settings: from ? changedSettings(trace.settings, from.settings) : trace.settings,
    earlier: trace.earlier,
    backend: sameBackend(trace, from) ? undefined : trace.backend,
    start: trace.start === from?.start ? undefined : encodeCanvas(trace.start),
    edits: sortedEdits(trace.edits).filter(({ before }) => before >= step),
    steps: trace.steps.slice(step).map((one) => encodeStep(one, alternatives)),
  };
}

function changedSettings(settings: Settings, from: Settings): Partial<Settings> {
  return Object.fromEntries(
    SETTING_NAMES.filter((name) => settings[name] !== from[name]).map((name) => [name, settings[name]]),
  );
}

function sameBackend({ backend }: Trace, from: Trace | undefined): boolean {
  return backend.name === from?.backend.name && backend.device === from.backend.device;
}

function encodeCanvas({ ids, states, order }: Canvas): unknown {
  const named = order && { slots: Array.from(order.slots), next: order.next };
  return { ids: Array.from(ids), states: Array.from(states), order: named };
}

function encodeStep(step: Step, alternatives: number): unknown {
  return {
    ...step,
    milliseconds: rounded(step.milliseconds, 2),
    prediction: encodePrediction(step.prediction, alternatives),
    edits: step.edits && encodeRates(step.edits, alternatives),
  };
}

function encodeRates({ rates, insert }: NonNullable<Step['edits']>, alternatives: number): unknown {
  const { set, remove, insert: comes } = rates;
  return {
    rates: { set: short(set), remove: short(remove), insert: short(comes) },
    insert: encodePrediction(insert, alternatives),
  };
}

function encodePrediction(prediction: Prediction, alternatives: number): unknown {
  const topK = Math.min(alternatives, prediction.topK);
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
    rows: prediction.rows,
  };
}

const short = (numbers: Float32Array): number[] => Array.from(numbers, (x) => rounded(x, 4));

function rounded(x: number, decimals: number): number {
  if (!Number.isFinite(x)) return NOTHING;
  const unit = 10 ** decimals;
  // Adding 0 turns −0 into 0, which is also one character less.
  return Math.round(x * unit) / unit + 0;
}
