/** Between two aligned texts: the text of time t, and the edits that are left to do (arXiv 2506.09018 §3.3). */
import { type Alignment, BLANK } from './align.ts';

/** `slot` of a text: what is exchanged or removed, or after which is inserted. */
export type Edit =
  | { readonly kind: 'substitute'; readonly slot: number; readonly id: number }
  | { readonly kind: 'remove'; readonly slot: number }
  | { readonly kind: 'insert'; readonly slot: number; readonly id: number };

export interface Bridge {
  /** The text of this moment. */
  readonly ids: Int32Array;
  /** In order of the columns. Several may stand at one slot: tokens are then inserted one after the other. */
  readonly edits: readonly Edit[];
}

/** Column c shows the new text where `isNew(c)`. The first column must be a token of both, so that slots exist. */
export function bridge({ from, to }: Alignment, isNew: (column: number) => boolean): Bridge {
  const ids: number[] = [];
  const edits: Edit[] = [];
  for (let column = 0; column < from.length; column++) {
    const wanted = to[column] as number;
    const shown = isNew(column) ? wanted : (from[column] as number);
    if (shown === BLANK) {
      if (wanted !== BLANK) edits.push({ kind: 'insert', slot: ids.length - 1, id: wanted });
      continue;
    }
    if (wanted === BLANK) edits.push({ kind: 'remove', slot: ids.length });
    else if (wanted !== shown) edits.push({ kind: 'substitute', slot: ids.length, id: wanted });
    ids.push(shown);
  }
  return { ids: Int32Array.from(ids), edits };
}
