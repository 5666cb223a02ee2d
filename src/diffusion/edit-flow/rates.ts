/** From what a network's rate heads give to rates. */
import type { EditRates, Prediction } from '../network.ts';

/** log(1 + eˣ), at least 0. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * The answer about M slots: `given[m]` are what the heads gave for substitution, removal and insertion at slot m.
 * `firstIsFixed`: nothing answers for the token of slot 0 (networks whose rows speak of the next slot), so it stays.
 */
export function editRates(
  given: readonly (readonly [set: number, remove: number, insert: number])[],
  set: Prediction,
  insert: Prediction,
  { firstIsFixed }: { readonly firstIsFixed: boolean },
): EditRates {
  const of = (kind: 0 | 1 | 2) =>
    Float32Array.from(given, (each, m) => (kind < 2 && firstIsFixed && set.slots[m] === 0 ? 0 : softplus(each[kind])));
  return { rates: { set: of(0), remove: of(1), insert: of(2) }, set, insert };
}
