/**
 * Where two canvases differ. Canvases of one length are compared slot by slot, since a slot of masked diffusion keeps
 * its place; others by the longest common subsequence of their ids, as `diff` compares lines (Wagner and Fischer,
 * J. ACM 21, 1974). A mask is equal to nothing, and different from nothing: it is not written yet.
 */
import { type Canvas, isOpen } from './canvas.ts';

/** What a slot is beside the other canvas. */
export const Mark = { Same: 0, Differs: 1, Open: 2 } as const;

export interface CanvasDiff {
  readonly by: 'slot' | 'sequence';
  /** One `Mark` per slot. By slot, `Open` also marks a word whose other side is not written yet. */
  readonly left: Uint8Array;
  readonly right: Uint8Array;
  /** Slots marked `Same` and `Differs`, on each side. */
  readonly same: number;
  readonly differs: { readonly left: number; readonly right: number };
}

/** Cells of the table that is still filled at once; a longer middle counts as different throughout. */
const MOST_CELLS = 2 ** 24;

export function diffCanvases(left: Canvas, right: Canvas): CanvasDiff {
  // Where slots have come or gone, places say little.
  const bySlot = left.ids.length === right.ids.length && !left.order && !right.order;
  const marks = bySlot ? diffBySlot(left, right) : diffBySequence(left, right);
  const count = (side: Uint8Array, mark: number) => side.reduce((sum, one) => sum + (one === mark ? 1 : 0), 0);
  return {
    by: bySlot ? 'slot' : 'sequence',
    ...marks,
    same: count(marks.left, Mark.Same),
    differs: { left: count(marks.left, Mark.Differs), right: count(marks.right, Mark.Differs) },
  };
}

type Marks = { left: Uint8Array; right: Uint8Array };

function diffBySlot(left: Canvas, right: Canvas): Marks {
  const marks = left.ids.map((id, slot) => {
    if (isOpen(left.states[slot] as number) || isOpen(right.states[slot] as number)) return Mark.Open;
    return id === right.ids[slot] ? Mark.Same : Mark.Differs;
  });
  return { left: Uint8Array.from(marks), right: Uint8Array.from(marks) };
}

function diffBySequence(left: Canvas, right: Canvas): Marks {
  const a = written(left);
  const b = written(right);
  const marks: Marks = {
    left: new Uint8Array(left.ids.length).fill(Mark.Open),
    right: new Uint8Array(right.ids.length).fill(Mark.Open),
  };
  for (const slot of a) marks.left[slot] = Mark.Differs;
  for (const slot of b) marks.right[slot] = Mark.Differs;
  const idsOf = (canvas: Canvas, slots: readonly number[]) => slots.map((slot) => canvas.ids[slot] as number);
  for (const [i, j] of commonSubsequence(idsOf(left, a), idsOf(right, b))) {
    marks.left[a[i] as number] = Mark.Same;
    marks.right[b[j] as number] = Mark.Same;
  }
  return marks;
}

function written({ states }: Canvas): number[] {
  return Array.from(states.keys()).filter((slot) => !isOpen(states[slot] as number));
}

/** Pairs of places, ascending, of a longest sequence that both lists hold in this order. */
export function commonSubsequence(a: readonly number[], b: readonly number[]): [number, number][] {
  const pairs: [number, number][] = [];
  // What both begin and end with belongs to a longest one; only the middle needs the table.
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) {
    pairs.push([start, start]);
    start++;
  }
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - start && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const rows = a.length - start - tail;
  const columns = b.length - start - tail;
  if ((rows + 1) * (columns + 1) <= MOST_CELLS) {
    for (const [i, j] of middle(a.slice(start, start + rows), b.slice(start, start + columns))) {
      pairs.push([start + i, start + j]);
    }
  }
  for (let i = tail; i > 0; i--) pairs.push([a.length - i, b.length - i]);
  return pairs;
}

function middle(a: readonly number[], b: readonly number[]): [number, number][] {
  const width = b.length + 1;
  // length[i · width + j]: of the longest common subsequence of a from i on and b from j on.
  const length = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      length[at] =
        a[i] === b[j]
          ? (length[at + width + 1] as number) + 1
          : Math.max(length[at + width] as number, length[at + 1] as number);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if ((length[(i + 1) * width + j] as number) >= (length[i * width + j + 1] as number)) i++;
    else j++;
  }
  return pairs;
}
