/**
 * How good a set of sampled texts is, as far as numbers can tell, always read together: perplexity under a judge (low is
 * likely, but repeating is likely too), unigram entropy and repetition of each text, and how different the texts of the
 * set are from each other (distinct-n, Li et al. 2016, arXiv 1510.03055). Errors are the delete-one jackknife's (Tukey;
 * Efron & Stein 1981), which needs no chance and equals the usual standard error for a mean.
 */
import { repetition, unigramEntropy } from './statistics.ts';

/** One sampled text, without its prompt and cut before its end-of-text token. */
export interface JudgedText {
  readonly ids: readonly number[];
  /** log p(id | everything before it) under the judge, nats, one per id. */
  readonly logProbs: readonly number[];
  /** Texts of one group (one prompt) are not independent of each other: the jackknife leaves out whole groups. */
  readonly group: string;
}

/** A number and one standard error to either side; both ends NaN when there are fewer than two groups. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Quality {
  /** exp of the mean negative log-probability over all tokens of the set. */
  readonly perplexity: Estimate;
  /** Mean over the texts of the entropy of their token frequencies, nats. */
  readonly entropy: Estimate;
  /** Mean over the texts of the share of n-grams that stood before in the same text, for n of `REPETITION`. */
  readonly repetition: readonly Estimate[];
  /** Different n-grams over all n-grams of the whole set, for n of `DISTINCT`. */
  readonly distinct: readonly Estimate[];
}

export const REPETITION = [2, 3, 4] as const;
export const DISTINCT = [1, 2, 3] as const;

/** exp(−mean log p); NaN without tokens. */
export function perplexity(logProbs: readonly number[]): number {
  return Math.exp(-mean(logProbs));
}

/** Different n-grams of the set over all of them; NaN when no text is as long as n. */
export function distinct(texts: readonly (readonly number[])[], n: number): number {
  const seen = new Set<string>();
  let total = 0;
  for (const ids of texts) {
    for (let at = 0; at + n <= ids.length; at++) {
      seen.add(ids.slice(at, at + n).join(' '));
      total++;
    }
  }
  return total === 0 ? Number.NaN : seen.size / total;
}

/** The delete-one jackknife: `statistic` of all groups, and √((G − 1)/G · Σ (θ₋ᵢ − mean θ₋)²) as its standard error. */
export function jackknife<T>(
  groups: readonly T[],
  statistic: (groups: readonly T[]) => number,
): { value: number; error: number } {
  const value = statistic(groups);
  if (groups.length < 2) return { value, error: Number.NaN };
  const without = groups.map((_, left) => statistic(groups.filter((_, index) => index !== left)));
  const centre = mean(without);
  const spread = without.reduce((sum, one) => sum + (one - centre) ** 2, 0);
  return { value, error: Math.sqrt(((groups.length - 1) / groups.length) * spread) };
}

export function qualityOf(texts: readonly JudgedText[]): Quality {
  const names = [...new Set(texts.map(({ group }) => group))];
  const groups = names.map((name) => texts.filter(({ group }) => group === name));
  /** `back` undoes a logarithm at the ends: the error of a perplexity is that of its logarithm, so its bar is lopsided. */
  const estimate = (statistic: (texts: readonly JudgedText[]) => number, back = (x: number) => x): Estimate => {
    const { value, error } = jackknife(groups, (some) => statistic(some.flat()));
    return { value: back(value), low: back(value - error), high: back(value + error) };
  };
  const perText = (number: (ids: readonly number[]) => number) =>
    estimate((some) => mean(some.filter(({ ids }) => ids.length > 0).map(({ ids }) => number(ids))));
  return {
    perplexity: estimate((some) => -mean(some.flatMap(({ logProbs }) => logProbs)), Math.exp),
    entropy: perText(unigramEntropy),
    repetition: REPETITION.map((n) => perText((ids) => repetition(ids, n))),
    distinct: DISTINCT.map((n) =>
      estimate((some) =>
        distinct(
          some.map(({ ids }) => ids),
          n,
        ),
      ),
    ),
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}
