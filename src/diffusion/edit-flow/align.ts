/**
 * Two texts side by side, as Edit Flows wants them (arXiv 2506.09018 §3.2; dllm/pipelines/editflow/trainer.py
 * `align_with_blanks`): a global alignment (Needleman & Wunsch 1970) in which a substitution costs one and so does a gap.
 */

/** Stands where one of the texts has nothing. */
export const BLANK = -1;

/** Equally long; without their blanks they are the two texts. */
export interface Alignment {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

export interface AlignCosts {
  readonly substitution: number;
  readonly gap: number;
}

const [DIAGONAL, REMOVE, INSERT] = [0, 1, 2] as const;

/** Of equally good alignments the one that pairs tokens, before one that removes, before one that inserts, from the end. */
export function align(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  { substitution, gap }: AlignCosts = { substitution: 1, gap: 1 },
): Alignment {
  const columns = to.length + 1;
  const moves = new Uint8Array((from.length + 1) * columns);
  let above = Float64Array.from({ length: columns }, (_, j) => j * gap);
  moves.fill(INSERT, 1, columns);
  for (let i = 1; i <= from.length; i++) {
    const row = new Float64Array(columns);
    row[0] = i * gap;
    moves[i * columns] = REMOVE;
    for (let j = 1; j < columns; j++) {
      const paired = (above[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : substitution);
      const removed = (above[j] as number) + gap;
      const inserted = (row[j - 1] as number) + gap;
      const best = Math.min(paired, removed, inserted);
      row[j] = best;
      moves[i * columns + j] = best === paired ? DIAGONAL : best === removed ? REMOVE : INSERT;
    }
    above = row;
  }
  const [a, b]: [number[], number[]] = [[], []];
  for (let i = from.length, j = to.length; i > 0 || j > 0; ) {
    const move = moves[i * columns + j];
    a.push(move === INSERT ? BLANK : (from[--i] as number));
    b.push(move === REMOVE ? BLANK : (to[--j] as number));
  }
  return { from: Int32Array.from(a.reverse()), to: Int32Array.from(b.reverse()) };
}

/** How many tokens (or characters) must be put in, taken out or exchanged to get from one to the other (Levenshtein 1965). */
export function editDistance(from: ArrayLike<unknown>, to: ArrayLike<unknown>): number {
  let above = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const paired = (above[j - 1] as number) + Number(from[i - 1] !== to[j - 1]);
      row.push(Math.min(paired, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    above = row;
  }
  return above[to.length] as number;
}
