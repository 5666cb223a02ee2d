/**
 * Timing several programs on the same work in one run: each is warmed up, then they take turns for a number of rounds,
 * so that a machine whose speed drifts is unfair to none. Medians are quoted, with the quartiles as spread.
 */

export interface Summary {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

/** Milliseconds per contestant over `rounds` rounds, after one that is not counted. */
export async function takeTurns(
  contestants: readonly (() => Promise<unknown>)[],
  rounds: number,
): Promise<readonly Summary[]> {
  const times: number[][] = contestants.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, work] of contestants.entries()) {
      const began = performance.now();
      await work();
      if (round > 0) (times[i] as number[]).push(performance.now() - began);
    }
  }
  return times.map(summarise);
}

/** Median and quartiles, by linear interpolation. */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] as number;
    const above = sorted[Math.ceil(place)] as number;
    return below + (above - below) * (place % 1);
  };
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}
