/** How long the first run may take on a machine nobody has tried yet. */

/** Milliseconds. */
const LONGEST = 30_000;
const FEWEST = 8;

/** Steps with which a run of these settings takes half a minute at most, halved from the usual ones, eight at least. */
export function affordableSteps(usual: number, passMilliseconds: number): number {
  let steps = usual;
  while (steps > FEWEST && steps * passMilliseconds > LONGEST) steps = Math.max(FEWEST, Math.floor(steps / 2));
  return steps;
}
