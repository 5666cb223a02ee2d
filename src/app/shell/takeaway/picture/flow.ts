/**
 * Text into lines, as the page's prose view does it: a mask takes the room of the word that will stand there, words
 * break before their space, pieces of one word stay together, Chinese and Japanese break anywhere.
 */
import type { Frame } from '../../../trace/frame.ts';
import { slotTexts, wordOf } from '../../../trace/words.ts';
import type { Measure } from './marks.ts';

const IDEOGRAPH = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

export interface Placed {
  readonly slot: number;
  readonly body: string;
  readonly sign: boolean;
  /** No space before it. */
  readonly joined: boolean;
  readonly x: number;
  readonly width: number;
  /** From 0. */
  readonly line: number;
}

export interface Flow {
  readonly words: readonly Placed[];
  readonly lines: number;
}

/** Lays the slots from `first` on out in lines of `width`, in letters of `size`. */
export function flow(
  frame: Frame,
  pieces: Readonly<Record<number, string>>,
  { first, width, size, measure }: { first: number; width: number; size: number; measure: Measure },
): Flow {
  const space = measure(' ', 'serif', size);
  const words: Placed[] = [];
  let x = 0;
  let line = 0;
  const breakLine = () => {
    x = 0;
    line++;
  };
  const cells = cellsOf(frame, pieces, first).map((cell) => ({ ...cell, width: measure(cell.body, 'serif', size) }));
  for (const [i, cell] of cells.entries()) {
    for (let n = 0; n < cell.newlinesBefore; n++) breakLine();
    const gap = cell.spaces * space;
    if (cell.opens && x > 0) {
      let whole = cell.width;
      for (let next = i + 1; next < cells.length && !cells[next]?.opens; next++) whole += cells[next]?.width ?? 0;
      if (x + gap + Math.min(whole, width) > width) breakLine();
    } else if (x > 0 && x + cell.width > width) breakLine();
    const joined = cell.spaces === 0;
    if (x > 0) x += gap;
    words.push({ slot: cell.slot, body: cell.body, sign: cell.sign, joined, x, width: cell.width, line });
    x += cell.width;
    for (let n = 0; n < cell.newlinesAfter; n++) breakLine();
  }
  return { words, lines: x === 0 && line > 0 ? line : line + 1 };
}

function cellsOf(frame: Frame, pieces: Readonly<Record<number, string>>, first: number) {
  let ended = true;
  let before = '';
  const texts = slotTexts(frame, pieces);
  return Array.from(frame.order)
    .slice(first)
    .map((slot) => {
      const { lead, body, trail, sign } = wordOf(texts[slot] as string);
      const newlinesBefore = lead.split('\n').length - 1;
      const cell = {
        slot,
        body,
        sign: sign !== undefined,
        spaces: lead.replace(/\n/g, '').length,
        newlinesBefore,
        newlinesAfter: trail.split('\n').length - 1,
        /** A line may break before it. */
        opens: lead !== '' || ended || IDEOGRAPH.test(body) || IDEOGRAPH.test(before),
      };
      ended = trail !== '';
      before = body.slice(-1);
      return cell;
    });
}
