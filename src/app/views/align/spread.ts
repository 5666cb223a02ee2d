/**
 * How the score of one pair scatters (VRPO, arXiv 2505.19223), from the cross-entropy of every set of masks of both answers:
 * drawn again and again as a training step draws, and exactly.
 */
import { estimateVariance, exactMoments, preferenceScore } from '../../../diffusion/preference.ts';
import { Stream, stepKey, uniform, word } from '../../../diffusion/rng.ts';

/** Of one answer of L tokens: Σ −log p over the masked tokens of every set, by its bits from 1, `[2^L − 1]`. */
export interface AnswerSets {
  readonly policy: readonly number[];
  readonly reference: readonly number[];
}

export interface PairSets {
  readonly chosen: AnswerSets;
  readonly rejected: AnswerSets;
}

/** n_t mask counts with n_yt sets of masks each; the same for policy and reference, or drawn for each. */
export interface Budget {
  readonly times: number;
  readonly masks: number;
  readonly shared: boolean;
}

const lengthOf = ({ policy }: AnswerSets) => Math.round(Math.log2(policy.length + 1));

export function exactVariance({ chosen, rejected }: PairSets, beta: number, { times, masks, shared }: Budget): number {
  const variance = (answer: AnswerSets) => {
    const of = (sums: readonly number[]) =>
      estimateVariance(exactMoments(lengthOf(answer), new Map(sums.map((sum, i) => [i + 1, sum]))), times, masks);
    return shared
      ? of(answer.policy.map((sum, i) => sum - (answer.reference[i] as number)))
      : of(answer.policy) + of(answer.reference);
  };
  return beta ** 2 * (variance(chosen) + variance(rejected));
}

/** The score, drawn `repeats` times. */
export function drawnScores(
  pair: PairSets,
  beta: number,
  budget: Budget,
  { repeats, seed }: { readonly repeats: number; readonly seed: number },
): Float64Array {
  const setsOf = new Map([pair.chosen, pair.rejected].map((answer) => [answer, setsByCount(lengthOf(answer))]));
  return Float64Array.from({ length: repeats }, (_, repeat) => {
    const key = stepKey(seed, repeat, Stream.Objective);
    let drawn = 0;
    const below = (count: number) => Math.min(count - 1, Math.floor(uniform(word(key, drawn++, 0)) * count));
    const sets = (answer: AnswerSets) => {
      const byCount = setsOf.get(answer) as readonly (readonly number[])[];
      return Array.from({ length: budget.times }, () => {
        const count = 1 + below(byCount.length);
        const own = byCount[count - 1] as readonly number[];
        return Array.from({ length: budget.masks }, () => ({ set: own[below(own.length)] as number, count }));
      }).flat();
    };
    const terms = (answer: AnswerSets) => {
      const length = lengthOf(answer);
      const ours = sets(answer);
      const theirs = budget.shared ? ours : sets(answer);
      const of = (values: readonly number[], drawn: typeof ours) =>
        drawn.map(({ set, count }) => (length / count) * (values[set - 1] as number));
      return { policy: of(answer.policy, ours), reference: of(answer.reference, theirs) };
    };
    return preferenceScore({ chosen: terms(pair.chosen), rejected: terms(pair.rejected) }, beta);
  });
}

function setsByCount(length: number): number[][] {
  const byCount: number[][] = Array.from({ length }, () => []);
  for (let set = 1; set < 2 ** length; set++) {
    let count = 0;
    for (let rest = set; rest > 0; rest >>= 1) count += rest & 1;
    byCount[count - 1]?.push(set);
  }
  return byCount;
}

/** The variance of a sample with its 95 % interval, from its fourth moment. */
export function varianceOf(values: Float64Array): {
  readonly value: number;
  readonly low: number;
  readonly high: number;
} {
  const count = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / count;
  const value = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (count - 1);
  const fourth = values.reduce((sum, x) => sum + (x - mean) ** 4, 0) / count;
  const error = Math.sqrt(Math.max(0, fourth - value ** 2) / count);
  return { value, low: Math.max(0, value - 1.96 * error), high: value + 1.96 * error };
}

/** What is compared: three rules of LLaDA 1.5. */
export const RULES: Readonly<Record<'more' | 'split' | 'shared', readonly Budget[]>> = {
  more: [1, 2, 4, 8].map((times) => ({ times, masks: 1, shared: true })),
  split: [
    [8, 1],
    [4, 2],
    [2, 4],
    [1, 8],
  ].map(([times, masks]) => ({ times: times as number, masks: masks as number, shared: true })),
  shared: [true, false].map((shared) => ({ times: 4, masks: 1, shared })),
};
