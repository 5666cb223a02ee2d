/**
 * Preferences between two answers under a masked-diffusion model (VRPO of LLaDA 1.5, arXiv 2505.19223). B(y) is the
 * evidence lower bound of an answer; a pair's score is how much more the policy has come to prefer the chosen answer than
 * its reference does,
 *
 *     s = β (B_θ(y_w) − B_ref(y_w)) − β (B_θ(y_l) − B_ref(y_l)),   loss = −log σ(s)
 *
 * B is only estimated, from n_t times with n_yt sets of masks each, so s scatters, and bias and variance of the loss are
 * bounded by its variance: Var = between/n_t + within/(n_t n_yt) for each answer, of the difference between policy and
 * reference where the two share their draws.
 */

/** One pair's terms: (L/k or 1/t) · Σ cross-entropy of each draw, nats; their mean is −B. */
export interface PairTerms {
  readonly chosen: { readonly policy: readonly number[]; readonly reference: readonly number[] };
  readonly rejected: { readonly policy: readonly number[]; readonly reference: readonly number[] };
}

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** s of one pair. */
export function preferenceScore({ chosen, rejected }: PairTerms, beta: number): number {
  const gain = ({ policy, reference }: PairTerms['chosen']) => mean(reference) - mean(policy);
  return beta * (gain(chosen) - gain(rejected));
}

/** −log σ(s), without overflow. */
export function preferenceLoss(score: number): number {
  return Math.max(0, -score) + Math.log1p(Math.exp(-Math.abs(score)));
}

/** −d loss / d s = σ(−s): how strongly a pair still pulls. */
export function preferencePull(score: number): number {
  return score >= 0 ? Math.exp(-score) / (1 + Math.exp(-score)) : 1 / (1 + Math.exp(score));
}

/** Of one term of an answer: its mean, and its variance between the mask counts and within each. */
export interface Moments {
  readonly mean: number;
  readonly between: number;
  readonly within: number;
}

/**
 * The moments of a term by enumeration: `sums` has the value (such as Σ cross-entropy, or its difference between two
 * models) of every non-empty set of masks of a text of `length` tokens, by the set's bits. k is uniform in 1 … L, and all
 * sets of k are as likely.
 */
export function exactMoments(length: number, sums: ReadonlyMap<number, number>): Moments {
  const byCount: number[][] = Array.from({ length: length + 1 }, () => []);
  for (const [set, sum] of sums) {
    const count = bits(set);
    byCount[count]?.push((-length / count) * sum);
  }
  const counts = byCount.slice(1);
  const means = counts.map(mean);
  const all = mean(means);
  return {
    mean: all,
    between: mean(means.map((x) => (x - all) ** 2)),
    within: mean(counts.map((values, k) => mean(values.map((x) => (x - (means[k] as number)) ** 2)))),
  };
}

function bits(set: number): number {
  let count = 0;
  for (let rest = set; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}

/** Variance of an estimate from `times` times and `masks` sets of masks at each. */
export function estimateVariance({ between, within }: Moments, times: number, masks: number): number {
  return between / times + within / (times * masks);
}
