/** Attention patterns as ranges: the bounds that kernels loop over, and the reference that tests compare them with. */
import type { Sees } from './arch.ts';

export type Run = readonly [from: number, to: number];

/** The keys that `query` of a canvas of `length` positions sees, as at most two runs `[from, to)` in order. */
export function visibleRuns(sees: Sees, query: number, length: number): readonly Run[] {
  if ('window' in sees) {
    const [before, after] = sees.window;
    return [[Math.max(0, query - before), Math.min(length, query + after + 1)]];
  }
  if ('blocks' in sees) return [[0, Math.min(length, blockEnd(query, sees.blocks, sees.offset))]];
  const size = sees.noisyAndClean;
  const half = length / 2;
  if (query >= half) return [[half, Math.min(length, half + blockEnd(query - half, size))]];
  const begin = query - (query % size);
  const own: Run = [begin, Math.min(half, begin + size)];
  return begin === 0 ? [own] : [own, [half, half + begin]];
}

/** Where the block of a position ends; the first block is `offset` long, if that is not 0. */
function blockEnd(position: number, size: number, offset = 0): number {
  const behind = position - offset;
  return behind < 0 ? offset : offset + behind - (behind % size) + size;
}

/** How far a query sees, for what knows windows only. */
export function windowOf(sees: Sees): readonly [before: number, after: number] {
  if ('window' in sees) return sees.window;
  throw new Error('no window');
}
