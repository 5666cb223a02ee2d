/**
 * The one interface between what is minimised and what is trained. An Objective turns a batch of texts into a Question:
 * what the network reads, at which positions its answer counts, and how much. It is pure arithmetic on typed arrays; the
 * network (`trainable.ts`) knows no objective, and an objective knows no network.
 *
 * Block diffusion (`bd3lm.ts`) reads masked and clean text side by side, so its Question has 2T inputs for a text of T, scores
 * the first half, and says `positions` and `sees`. VRPO (`vrpo.ts`) is a function of sums of cross-entropies of the model
 * and of a frozen reference: `probes` asks for them first, without gradient, and `ask` makes the weights of them.
 */

import type { Tokenizer } from '../../checkpoint/model.ts';
import { Stream, stepKey, uniform, word } from '../../diffusion/rng.ts';
import type { Schedule } from '../../diffusion/schedule.ts';
import type { Sees } from '../../model/arch.ts';

/** What the network is asked in one batch: flat, row-major. Loss = Σ weight · cross-entropy, nats. */
export interface Question {
  /** `[B·T]` ids the network reads. */
  readonly inputs: Int32Array;
  /** T. */
  readonly length: number;
  /** Of each slot of a row, `[T]`; 0 … T − 1 unless told. */
  readonly positions?: Int32Array;
  /** In place of what the network's layers see. */
  readonly sees?: Sees;
  /** `[N]` flat slots b·T + t that are scored, ascending; which of its rows answers a slot the network knows. */
  readonly scored: Int32Array;
  /** `[N]` the id that is right there. */
  readonly targets: Int32Array;
  /** `[N]` already normalised: losses and gradients of several questions of one step are added, not averaged. */
  readonly weights: Float32Array;
  /** Of an edit network: what else counts. What is scored are then substitutions, and their rates count with them. */
  readonly edits?: EditTargets;
}

/**
 * The loss of an Edit Flow is Σ weight · −log(rate · p(token)) over the edits that are left to do, plus `rateWeights` times
 * all rates: what it costs to expect edits (arXiv 2506.09018 eq. 23).
 */
export interface EditTargets {
  /** Tokens of each row, `[B]`; behind them is padding that nobody sees. */
  readonly lengths: Int32Array;
  /** Of the three rates of each token of a row, `[B]`. */
  readonly rateWeights: Float32Array;
  readonly inserted: Pick<Question, 'scored' | 'targets' | 'weights'>;
  readonly removed: Pick<Question, 'scored' | 'weights'>;
}

/** B texts of one length. */
export interface Rows {
  /** `[B·T]` token ids. */
  readonly ids: Int32Array;
  /** `[B·T]` 1 where a token may be masked and is to be learnt, 0 for special tokens and the like. */
  readonly maskable: Uint8Array;
  /** T. */
  readonly length: number;
  /** Of texts that the model wrote itself: what each is worth, `[B]`, and that less the mean of its group. */
  readonly written?: { readonly rewards: Float32Array; readonly advantages: Float32Array };
}

/** All that an objective draws is a function of these two. */
export interface StepDraw {
  readonly seed: number;
  readonly step: number;
}

export interface AboutModel {
  readonly maskId: number;
  readonly vocabSize: number;
  readonly schedule: Schedule;
  /** Of each token among the texts that are learnt, from 0 to 1 (`wordFrequencies`); where an objective asks for it. */
  readonly frequencies?: Float64Array;
  /** What makes texts of tokens and tokens of texts; for objectives that change words. */
  readonly words?: WordsOfModel;
}

export interface WordsOfModel {
  readonly tokenizer: Pick<Tokenizer, 'encode' | 'decode'>;
  /** Begins every text. */
  readonly startId: number;
  readonly padId: number;
  readonly maxLength: number;
}

export interface Objective {
  readonly name: string;
  readonly source: string;
  /** Trains a network that sees to the left only. */
  readonly causal: boolean;
  /** True when the expected loss bounds −log p of a text from above, nats per token. */
  readonly bound: boolean;
  /** Texts are written in blocks of so many tokens, and measured so. */
  readonly block?: number;
  /** Teaches a network to edit. */
  readonly edits?: boolean;
  /**
   * What a batch is made of: texts, unless pairs of an answer that was chosen and one that was not, row after row; or groups
   * that the model writes after each prompt.
   */
  readonly batch?: 'pairs' | 'groups';
  /** Updates by one batch, each with a draw of its own; 1 unless told. */
  readonly updates?: number;
  /** It compares the model with what it was at the beginning. */
  readonly reference?: true;
  /** What is asked without gradient before `ask`, of the model or of what it was earlier. */
  probes?(rows: Rows, draw: StepDraw, about: AboutModel): readonly Probe[];
  /**
   * A batch without anything to learn gives a question without scored positions. `scores` are the cross-entropies of the
   * scored slots of each probe.
   */
  ask(rows: Rows, draw: StepDraw, about: AboutModel, scores?: readonly Float32Array[]): Asked;
}

export interface Probe {
  /** The model as it is; as it was before the updates of this batch; as it was at the beginning. */
  readonly of: 'policy' | 'before' | 'reference';
  readonly question: Question;
}

/** A question, with what is known of the batch from its probes: `loss` where that is no sum of cross-entropies. */
export interface Asked extends Question {
  readonly told?: Readonly<Record<string, number>> & { readonly loss: number };
}

/** The micro-batches of one question, of `rows` rows each: their losses and gradients sum to those of the whole. */
export function split(question: Question, rows: number): Question[] {
  const { inputs, length, edits } = question;
  const size = rows * length;
  const parts: Question[] = [];
  for (let start = 0; start < inputs.length; start += size) {
    const end = Math.min(start + size, inputs.length);
    const [first, last] = [start / length, end / length];
    parts.push({
      ...question,
      inputs: inputs.subarray(start, end),
      ...between(question, start, end),
      ...(edits && {
        edits: {
          lengths: edits.lengths.subarray(first, last),
          rateWeights: edits.rateWeights.subarray(first, last),
          inserted: between(edits.inserted, start, end),
          removed: between({ ...edits.removed, targets: new Int32Array(0) }, start, end),
        },
      }),
    });
  }
  return parts;
}

/** What is scored at slots `[start, end)`, counted from `start`. */
function between(
  { scored, targets, weights }: Pick<Question, 'scored' | 'targets' | 'weights'>,
  start: number,
  end: number,
): Pick<Question, 'scored' | 'targets' | 'weights'> {
  const from = scored.findIndex((slot) => slot >= start);
  const after = scored.findIndex((slot) => slot >= end);
  const [first, last] = [from < 0 ? scored.length : from, after < 0 ? scored.length : after];
  return {
    scored: scored.slice(first, last).map((slot) => slot - start),
    targets: targets.subarray(first, last),
    weights: weights.subarray(first, last),
  };
}

/** Masks each maskable token of row b with chance `rates[b]`; the loss at a masked token of row b weighs `weightOf(b)`. */
export function maskRows(
  rows: Rows,
  draw: StepDraw,
  maskId: number,
  rates: ArrayLike<number>,
  weightOf: (row: number, masked: number) => number,
): Question {
  const rowOf = (slot: number) => Math.floor(slot / rows.length);
  const weigh = (slot: number, masked: number) => weightOf(rowOf(slot), masked);
  return maskTokens(rows, draw, maskId, (slot) => rates[rowOf(slot)] as number, weigh);
}

/** The same with a chance and a weight for each flat slot. */
export function maskTokens(
  { ids, maskable, length }: Rows,
  { seed, step }: StepDraw,
  maskId: number,
  rateOf: (slot: number) => number,
  weightOf: (slot: number, masked: number) => number,
): Question {
  const key = stepKey(seed, step, Stream.Corrupt);
  const scored: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (maskable[i] === 1 && uniform(word(key, i, 0)) < rateOf(i)) scored.push(i);
  }
  const inputs = ids.slice();
  for (const position of scored) inputs[position] = maskId;
  return {
    inputs,
    length,
    scored: Int32Array.from(scored),
    targets: Int32Array.from(scored, (position) => ids[position] as number),
    weights: Float32Array.from(scored, (position) => weightOf(position, scored.length)),
  };
}

/** How many tokens of the batch are to be learnt. */
export function countMaskable({ maskable }: Rows): number {
  return maskable.reduce((sum, each) => sum + each, 0);
}

/** What the loss of each row's tokens is divided by (dLLM's loss_norm_type). */
export function divisorOf(rows: Rows, normalisation: 'token' | 'sequence' | 'batch'): (row: number) => number {
  const { maskable, length } = rows;
  const count = maskable.length / length;
  if (normalisation === 'batch') return () => count;
  const tokens = Math.max(1, countMaskable(rows));
  if (normalisation === 'token') return () => tokens;
  const each = Array.from({ length: count }, (_, row) =>
    maskable.subarray(row * length, (row + 1) * length).reduce((sum, one) => sum + one, 0),
  );
  return (row) => Math.max(1, each[row] as number) * count;
}
