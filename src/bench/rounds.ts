/**
 * Timing several programs on the same work in one run: each is warmed up, then they take turns for a number of rounds,
 * so that a machine whose speed drifts is unfair to none. Medians are quoted, with the quartiles as spread; a ratio of
 * medians comes with a bootstrap interval (Efron & Tibshirani 1993, percentile method) that resamples whole rounds.
 */
import { Stream, stepKey, word } from '../diffusion/rng.ts';

export interface Summary {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Milliseconds of each contestant in each of `rounds` rounds, after one that is not counted unless `warm` says that all
 * is compiled already, by `clock`: the wall's, unless another is given. Stops with the signal's reason.
 */
export async function takeTurns(
  contestants: readonly (() => Promise<unknown>)[],
  rounds: number,
  {
    warm = false,
    signal,
    onTurn,
    clock = () => performance.now(),
  }: {
    readonly warm?: boolean;
    readonly signal?: AbortSignal | undefined;
    readonly onTurn?: () => void;
    readonly clock?: () => number;
  } = {},
): Promise<readonly number[][]> {
  const times: number[][] = contestants.map(() => []);
  for (let round = warm ? 1 : 0; round <= rounds; round++) {
    for (const [i, work] of contestants.entries()) {
      signal?.throwIfAborted();
      const began = clock();
      await work();
      if (round > 0) (times[i] as number[]).push(clock() - began);
      onTurn?.();
    }
  }
  return times;
}

/** Median and quartiles, by linear interpolation. */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), lower: quantile(sorted, 0.25), upper: quantile(sorted, 0.75) };
}

/** How many times as long `slower` takes as `faster`: the ratio of medians and its 95 % interval. Times are paired by round. */
export function ratioOf(slower: readonly number[], faster: readonly number[], resamples = 2000): Summary {
  const rounds = Math.min(slower.length, faster.length);
  const key = stepKey(rounds, 0, Stream.Order);
  const ratio = (picked: readonly number[]) =>
    median(picked.map((i) => slower[i] as number)) / median(picked.map((i) => faster[i] as number));
  const ratios = Array.from({ length: resamples }, (_, sample) =>
    ratio(Array.from({ length: rounds }, (_, i) => Math.floor((word(key, sample, i) / 2 ** 32) * rounds))),
  ).sort((a, b) => a - b);
  return { median: median(slower) / median(faster), lower: quantile(ratios, 0.025), upper: quantile(ratios, 0.975) };
}

function median(values: readonly number[]): number {
  return summarise(values).median;
}

function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place % 1);
}
