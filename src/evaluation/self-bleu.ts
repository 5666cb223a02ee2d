/**
 * Self-BLEU (Zhu et al., Texygen, arXiv 1802.01886): the BLEU (Papineni et al. 2002) of each text of a set with all others
 * as its references, mean over the texts: 1 when all say the same. n-grams of 1 to 4 with equal weights; where a text has
 * no common n-gram, 1/(2 · its n-grams) stands for the precision (Chen & Cherry 2014, method 1 with ε = 1/2).
 */

const LONGEST = 4;

/** `texts` are lists of tokens or words. NaN for fewer than two. */
export function selfBleu(texts: readonly (readonly (string | number)[])[]): number {
  if (texts.length < 2) return Number.NaN;
  const counts = texts.map((text) => Array.from({ length: LONGEST }, (_, n) => gramsOf(text, n + 1)));
  const scores = texts.map((text, at) => {
    const others = counts.filter((_, other) => other !== at);
    const lengths = texts.filter((_, other) => other !== at).map(({ length }) => length);
    return bleu(counts[at] as Grams[], text.length, others, lengths);
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

type Grams = ReadonlyMap<string, number>;

function gramsOf(text: readonly (string | number)[], n: number): Grams {
  const counts = new Map<string, number>();
  for (let at = 0; at + n <= text.length; at++) {
    const gram = text.slice(at, at + n).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

function bleu(
  own: readonly Grams[],
  length: number,
  others: readonly (readonly Grams[])[],
  lengths: readonly number[],
) {
  if (length === 0) return 0;
  let logs = 0;
  let orders = 0;
  for (const [n, grams] of own.entries()) {
    const total = [...grams.values()].reduce((sum, count) => sum + count, 0);
    if (total === 0) continue;
    let common = 0;
    for (const [gram, count] of grams) {
      common += Math.min(count, Math.max(...others.map((other) => other[n]?.get(gram) ?? 0)));
    }
    logs += Math.log(Math.max(common, 0.5) / total);
    orders++;
  }
  // The reference of the nearest length; the shorter of two as near.
  const nearest = lengths.reduce((best, one) =>
    Math.abs(one - length) < Math.abs(best - length) ||
    (Math.abs(one - length) === Math.abs(best - length) && one < best)
      ? one
      : best,
  );
  const brevity = length >= nearest ? 0 : 1 - nearest / length;
  return Math.exp(brevity + logs / orders);
}
