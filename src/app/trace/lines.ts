/**
 * Keeps the lines of prose where they are while a model writes. A word is wider or narrower than the mask that held its
 * place, so lines broken anew at every step would send the first word of each up and down again; here a line gives one
 * away only when it is full, and takes one back only when it is short.
 */
import type { Canvas } from '../../diffusion/canvas.ts';
import { onNewWidth } from './newWidth.ts';
import type { Painter, Piece } from './painter.ts';

/** What stands together on a line: a word with the pieces and signs joined to it. Widths in px. */
export interface Word {
  /** The slot that it begins with. */
  readonly slot: number;
  /** Before it, when it is not the first of its line. */
  readonly space: number;
  readonly width: number;
  /** The text itself breaks the line before it. */
  readonly breaks: boolean;
}

/** A line that is filled less than this takes words back. */
const SHORT = 0.65;
/** Of their width, new lines of masks are filled so far: what is left takes up what the words are wider. */
const FILL = 0.95;

/**
 * The slots that begin a line of `width` px, but those the text itself begins one with. Lines begin where those `held` did,
 * unless one is full or short; without any, they are filled up to the share `fill`.
 */
export function lineStarts(
  words: readonly Word[],
  width: number,
  held: ReadonlySet<number>,
  fill: number,
): Set<number> {
  const starts = new Set<number>();
  let x = 0;
  for (const word of words) {
    const end = x + word.space + word.width;
    const full = x > 0 && end > width * fill;
    if (word.breaks) x = word.width;
    else if (full || (held.has(word.slot) && x > width * SHORT)) {
      starts.add(word.slot);
      x = word.width;
    } else x = end;
  }
  return starts;
}

export class Lines {
  readonly #element: HTMLElement;
  readonly #painter: Painter;
  /** Ends the watch over the width of the canvas. */
  readonly release: () => void;
  readonly #pen = document.createElement('canvas').getContext('2d');
  #widths = new Map<string, number>();
  #start: Canvas | undefined;

  constructor(element: HTMLElement, painter: Painter) {
    this.#element = element;
    this.#painter = painter;
    this.release = onNewWidth(element, () => this.#letGo());
  }

  /** After each painting; `start` tells one run from the next, and `writing` whether the model is at it. */
  keep(start: Canvas, writing: boolean): void {
    const isNew = start !== this.#start;
    this.#start = start;
    if (isNew && !writing) this.#letGo();
    const { held } = this.#painter;
    if (!this.#pen || (!writing && held.size === 0) || this.#element.classList.contains('grid')) return;
    const pieces = this.#painter.pieces();
    const empty = isNew && pieces.filter(({ open }) => open).length > pieces.length / 2;
    if (!empty && held.size === 0) this.#painter.hold(this.#painter.drawnStarts());
    else {
      const [begun, fill] = empty ? [new Set<number>(), FILL] : [held, 1];
      this.#painter.hold(lineStarts(this.#words(pieces), this.#element.clientWidth, begun, fill));
    }
  }

  /** The sheet was emptied. */
  forget(): void {
    this.#start = undefined;
    this.#letGo();
  }

  #letGo(): void {
    this.#widths = new Map();
    this.#painter.hold(new Set());
  }

  #words(pieces: readonly Piece[]): Word[] {
    const words: Word[] = [];
    for (const { slot, lead, body, before } of pieces) {
      const last = words.at(-1);
      if (last && lead === '' && before === '')
        words[words.length - 1] = { ...last, width: last.width + this.#measure(body) };
      else {
        const spaces = before + lead;
        words.push({
          slot,
          space: this.#measure(spaces.replaceAll('\n', '')),
          width: this.#measure(body),
          breaks: spaces.includes('\n'),
        });
      }
    }
    return words;
  }

  /** In px, in the type of the canvas. */
  #measure(text: string): number {
    if (text === '' || !this.#pen) return 0;
    const known = this.#widths.get(text);
    if (known !== undefined) return known;
    if (this.#widths.size === 0) this.#pen.font = getComputedStyle(this.#element).font;
    const { width } = this.#pen.measureText(text);
    this.#widths.set(text, width);
    return width;
  }
}
