/**
 * The loss of an Edit Flow (arXiv 2506.09018 eq. 23, dllm/pipelines/editflow/trainer.py) from the rows that its heads read.
 */
import {
  abs,
  add,
  div,
  exp,
  log,
  maximum,
  mul,
  neg,
  relu,
  type Scalar,
  sigmoid,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
} from '@tensorflow/tfjs-core';
import type { CrossEntropy } from './gradients/cross-entropy.ts';
import { custom } from './gradients/custom.ts';
import type { Ops } from './network.ts';
import type { EditTargets, Question } from './objectives/objective.ts';
import type { Frozen } from './parameters.ts';

/** Below it, the logarithm of a rate is that of this (dLLM's safe_log). */
const LEAST_RATE = 1e-12;

const KINDS = 3;
const [SUBSTITUTE, REMOVE, INSERT] = [0, 1, 2];

export interface EditHeads {
  /** `[V, width]` and `[V]`. */
  readonly substitutions: { readonly matrix: Tensor2D | Frozen; readonly bias: Tensor | undefined };
  readonly insertions: { readonly matrix: Tensor2D | Frozen; readonly bias: Tensor | undefined };
  /** `[width, 3]` and `[3]`. */
  readonly rates: { readonly matrix: Tensor2D | Frozen; readonly bias: Tensor1D };
}

export interface EditLossOptions {
  readonly ops: Ops;
  readonly crossEntropy: CrossEntropy;
  /** How many rows are looked up where so many are wanted. */
  readonly room: (scored: number) => number;
  /** Rows of `h` that answer for what stands in a slot and for what comes after it, where they differ. */
  readonly shift: 0 | 1;
}

type EditQuestion = Question & { readonly edits: EditTargets };

/** `h` `[B·T, width]`. */
export function editLoss(
  h: Tensor2D,
  { substitutions, insertions, rates }: EditHeads,
  question: EditQuestion,
  { ops, crossEntropy, room, shift }: EditLossOptions,
): Scalar {
  const { length, edits } = question;
  const rowOf = (slot: number) => slot - (slot % length === 0 ? 0 : shift);
  const tokens = (
    { scored, targets, weights }: Pick<Question, 'scored' | 'targets' | 'weights'>,
    { matrix, bias }: EditHeads['insertions'],
    row: (slot: number) => number,
  ): Tensor => {
    // One row that weighs nothing where none is wanted: every parameter has a gradient.
    const count = room(Math.max(1, scored.length));
    const [rows, ids, parts] = [new Int32Array(count), new Int32Array(count), new Float32Array(count)];
    rows.set(scored.map(row));
    ids.set(targets);
    parts.set(weights);
    return sum(mul(crossEntropy(ops.lookup(h, rows), matrix, bias, ids), tensor1d(parts)));
  };
  const given = ops.shift(ops.multiply(h, rates.matrix), rates.bias);
  const { costs, gains } = rateWeights(question, rowOf, shift);
  const terms = [
    sum(
      rateLoss(given, tensor2d(costs, [costs.length / KINDS, KINDS]), tensor2d(gains, [gains.length / KINDS, KINDS])),
    ),
    tokens(question, substitutions, rowOf),
    tokens(edits.inserted, insertions, (slot) => slot),
  ];
  return terms.reduce((total, term) => add(total, term)) as Scalar;
}

/** What each rate `[B·T, 3]` costs, and what its logarithm gains. */
function rateWeights(
  { inputs, length, scored, weights, edits }: EditQuestion,
  rowOf: (slot: number) => number,
  shift: 0 | 1,
) {
  const costs = new Float32Array(KINDS * inputs.length);
  const gains = new Float32Array(KINDS * inputs.length);
  for (const [b, tokens] of edits.lengths.entries()) {
    const weight = edits.rateWeights[b] as number;
    for (let i = 0; i < tokens; i++) {
      const at = KINDS * (b * length + i);
      costs[at + INSERT] = weight;
      // With a shift the last row speaks of a token that is not there.
      if (i < tokens - shift) costs.fill(weight, at, at + INSERT);
    }
  }
  const gain = (slots: Int32Array, by: Float32Array, kind: number, row: (slot: number) => number) => {
    for (const [n, slot] of slots.entries()) {
      const at = KINDS * row(slot) + kind;
      gains[at] = (gains[at] as number) + (by[n] as number);
    }
  };
  gain(scored, weights, SUBSTITUTE as number, rowOf);
  gain(edits.removed.scored, edits.removed.weights, REMOVE as number, rowOf);
  gain(edits.inserted.scored, edits.inserted.weights, INSERT as number, (slot) => slot);
  return { costs, gains };
}

/** cost · rate − gain · log rate with rate = log(1 + eˣ), each `[N, 3]`; written out, for backends that lack a part of it. */
export function rateLoss(x: Tensor2D, costs: Tensor2D, gains: Tensor2D): Tensor2D {
  return custom([x], ([given], save) => {
    const rate = add(relu(given), log(add(exp(neg(abs(given))), 1)));
    const bounded = maximum(rate, LEAST_RATE);
    save([given, bounded, costs, gains]);
    return {
      value: sub(mul(costs, rate), mul(gains, log(bounded))) as Tensor2D,
      // So small a rate (x below −27) would have gained without bound; its logarithm stands still there.
      back: (dy, saved) => {
        const [at, r, cost, gain] = saved as [Tensor, Tensor, Tensor, Tensor];
        return mul(mul(dy, sigmoid(at)), sub(cost, div(gain, r)));
      },
    };
  });
}
