/** How much memory the moments of undo hold. Steps and canvases that several moments share are counted once. */
import type { TraceTree } from '../../diffusion/branches.ts';
import type { Step, Trace } from '../../diffusion/trace.ts';

/** Beyond what is on screen. A step of 256 slots with eight alternatives takes 20 kB, a run of 64 of them 1.3 MB. */
export const UNDO_BYTES = 2 ** 26;

/** The newest of `moments` that fit into `most` bytes together; the last one always does. */
export function withinBytes<T extends { readonly tree: TraceTree }>(moments: readonly T[], most: number): readonly T[] {
  const seen = new Set<object>();
  let bytes = 0;
  let first = moments.length;
  while (first > 0) {
    bytes += bytesOf(moments[first - 1] as T, seen);
    if (bytes > most && first < moments.length) break;
    first--;
  }
  return first === 0 ? moments : moments.slice(first);
}

function bytesOf({ tree }: { readonly tree: TraceTree }, seen: Set<object>): number {
  let bytes = 0;
  for (const { trace } of tree.branches) {
    if (seen.has(trace)) continue;
    seen.add(trace);
    bytes += bytesOfTrace(trace, seen);
  }
  return bytes;
}

/** Of numbers in lists, and of what an object itself takes. */
const NUMBER = 8;
const OBJECT = 200;

function bytesOfTrace({ steps, start, edits }: Trace, seen: Set<object>): number {
  let bytes = NUMBER * steps.length + OBJECT * (1 + edits.length);
  for (const each of [start, ...steps]) {
    if (seen.has(each)) continue;
    seen.add(each);
    bytes += 'prediction' in each ? bytesOfStep(each) : each.ids.byteLength + each.states.byteLength;
  }
  return bytes;
}

function bytesOfStep({ prediction, edits, ops }: Step): number {
  const held = [prediction, edits?.insert ?? {}, edits?.rates ?? {}].flatMap((each): unknown[] => Object.values(each));
  const arrays = held.reduce(
    (sum: number, value: unknown) => sum + (ArrayBuffer.isView(value) ? value.byteLength : 0),
    0,
  );
  return arrays + OBJECT * (1 + ops.length);
}
