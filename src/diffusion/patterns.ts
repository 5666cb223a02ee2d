/**
 * Orders that a person draws instead of a network choosing them: the new text laid out in rows of a width, as in the
 * grid view, and a rule or a hand-drawn list that says which of its slots come first.
 */
import type { Settings } from './settings.ts';
import { parseSlots } from './slot-list.ts';

type Drawing = Pick<Settings, 'pattern' | 'width' | 'order'>;

/** Far behind every place on a canvas. */
const LATER = 2 ** 20;

/**
 * The place of every slot of a new text of `length` slots, `[length]`: lower is written earlier. Equal places go from
 * left to right.
 */
export function places({ pattern, width, order }: Drawing, length: number): Float64Array {
  const row = (offset: number) => Math.floor(offset / width);
  const column = (offset: number) => offset % width;
  const rules: Record<Settings['pattern'], (offset: number) => number> = {
    // Row by row, each from left to right: reading order.
    rows: (offset) => offset,
    // All rows grow from left to right together.
    columns: (offset) => column(offset) * LATER + row(offset),
    // The black squares, then the white ones: half of the text is written before any of it has a neighbour.
    checkerboard: (offset) => ((row(offset) + column(offset)) % 2) * LATER + offset,
    // Both ways from the middle.
    'centre-out': (offset) => Math.abs(offset - (length - 1) / 2),
    // What was left out comes last, in reading order.
    drawn: (offset) => LATER + offset,
  };
  const found = Float64Array.from({ length }, (_, offset) => rules[pattern](offset));
  if (pattern === 'drawn') {
    for (const [place, offset] of parseSlots(order).entries()) if (offset < length) found[offset] = place;
  }
  return found;
}
