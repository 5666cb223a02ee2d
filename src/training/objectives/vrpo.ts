/**
 * VRPO (LLaDA 1.5, arXiv 2505.19223): DPO whose likelihoods are evidence lower bounds, estimated from `draws` mask counts
 * of one set of masks each (n_t = n, n_yt = 1: the best split), and from the same masks for policy and reference. The
 * counts of a pair's draws are spread evenly over 1 … L. A share of the usual loss on the chosen answers (`sft`) keeps the
 * model a language model. The loss is no sum of cross-entropies, but its gradient is: with weights
 * ± β σ(−s) (L/k) / draws, once the score s is known from `probes`.
 */
import { corruptExactly } from '../../diffusion/corrupt.ts';
import { type PairTerms, preferenceLoss, preferencePull, preferenceScore } from '../../diffusion/preference.ts';
import { unitDraws } from '../../diffusion/times.ts';
import type { Objective, Question, Rows, StepDraw } from './objective.ts';

export interface VrpoSettings {
  readonly beta: number;
  readonly draws: number;
  readonly sft: number;
}

export function vrpo({ beta, draws, sft }: VrpoSettings): Objective {
  return {
    name: 'vrpo',
    source: 'VRPO of LLaDA 1.5 (arXiv 2505.19223); DPO (arXiv 2305.18290)',
    causal: false,
    bound: false,
    batch: 'pairs',
    reference: true,
    probes(rows, draw, { maskId }) {
      const { question } = maskedCopies(rows, draw, maskId, draws);
      return [
        { of: 'policy', question },
        { of: 'reference', question },
      ];
    },
    ask(rows, draw, { maskId }, scores = []) {
      const copies = maskedCopies(rows, draw, maskId, draws);
      const { question, tokens } = copies;
      const [policy, reference] = scores;
      if (policy === undefined || reference === undefined) return question;
      const pairs = pairsOf(copies, policy, reference);
      const values = pairs.map((terms) => preferenceScore(terms, beta));
      const chosenTokens = tokens.filter((_, row) => row % 2 === 0).reduce((sum, each) => sum + each, 0);
      const weights = question.weights.map((weight, n) => {
        const copy = Math.floor((question.scored[n] as number) / question.length);
        const row = Math.floor(copy / draws);
        const pull = (beta * preferencePull(values[row >> 1] as number)) / (draws * pairs.length);
        return weight * (row % 2 === 0 ? pull + sft / (draws * Math.max(1, chosenTokens)) : -pull);
      });
      return {
        ...question,
        weights,
        told: {
          loss: average(values.map(preferenceLoss)),
          accuracy: average(values.map(rightness)),
          margin: average(values) / beta,
        },
      };
    },
  };
}

/** 1 where the chosen answer has gained more, 1/2 where neither has. */
export const rightness = (score: number) => (score > 0 ? 1 : score === 0 ? 0.5 : 0);

const average = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, x) => sum + x, 0) / values.length;

interface Copies {
  /** Rows b·draws … of text b; the weight of a scored slot is L/k. */
  readonly question: Question;
  /** Tokens of each text that may be masked. */
  readonly tokens: readonly number[];
  readonly draws: number;
}

/** `draws` copies of each text with exactly k masks among the tokens that may be masked. */
export function maskedCopies(rows: Rows, { seed, step }: StepDraw, maskId: number, draws: number): Copies {
  const { ids, maskable, length } = rows;
  const count = ids.length / length;
  const inputs = new Int32Array(count * draws * length);
  const scored: number[] = [];
  const weights: number[] = [];
  const targets: number[] = [];
  const tokens: number[] = [];
  for (let row = 0; row < count; row++) {
    const from = row * length;
    const open = Array.from({ length }, (_, i) => i).filter((i) => maskable[from + i] === 1);
    tokens.push(open.length);
    // Number of the batch in the stream of times, and of the canvas in that of masks.
    const place = step * count + row;
    const units = unitDraws('low-discrepancy', draws, seed, place);
    for (let draw = 0; draw < draws; draw++) {
      const to = (row * draws + draw) * length;
      inputs.set(ids.subarray(from, from + length), to);
      const masks = Math.min(1 + Math.floor((units[draw] as number) * open.length), open.length);
      const { masked } = corruptExactly(open, maskId, masks, seed, place * draws + draw);
      for (const each of masked) {
        const slot = open[each] as number;
        inputs[to + slot] = maskId;
        scored.push(to + slot);
        targets.push(ids[from + slot] as number);
        weights.push(open.length / masks);
      }
    }
  }
  const question = {
    inputs,
    length,
    scored: Int32Array.from(scored),
    targets: Int32Array.from(targets),
    weights: Float32Array.from(weights),
  };
  return { question, tokens, draws };
}

/** The terms of each pair (rows 2p and 2p + 1) from the cross-entropies of both models. */
export function pairsOf(
  { question, tokens, draws }: Copies,
  policy: ArrayLike<number>,
  reference: ArrayLike<number>,
): PairTerms[] {
  const terms = (crossEntropies: ArrayLike<number>) => {
    const all = tokens.map(() => new Array<number>(draws).fill(0));
    question.scored.forEach((slot, n) => {
      const copy = Math.floor(slot / question.length);
      const own = all[Math.floor(copy / draws)] as number[];
      own[copy % draws] =
        (own[copy % draws] as number) + (question.weights[n] as number) * (crossEntropies[n] as number);
    });
    return all;
  };
  const [ours, theirs] = [terms(policy), terms(reference)];
  return Array.from({ length: tokens.length / 2 }, (_, pair) => {
    const of = (row: number) => ({ policy: ours[row] as number[], reference: theirs[row] as number[] });
    return { chosen: of(2 * pair), rejected: of(2 * pair + 1) };
  });
}
