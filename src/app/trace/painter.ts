/**
 * Paints frames onto the token canvas. One element per slot that lives as long as the canvas keeps its length, so that
 * focus, selection and the eye find it again in prose and in grid; only what changed since the last frame is touched.
 */
import { percent } from '../messages/format.ts';
import { m } from '../messages/index.ts';
import { type Frame, Look } from './frame.ts';
import { pieceAmong, slotTexts, WRITTEN, wordOf } from './words.ts';

interface Cell {
  readonly lead: Text;
  readonly slot: HTMLElement;
  readonly trail: Text;
  /** What is painted, as one number and one string, to compare with. */
  look: number;
  text: string;
}

const CLASSES: readonly (readonly [number, string])[] = [
  [Look.Given, 'given'],
  [Look.Open, 'mask'],
  [Look.Now, 'now'],
  [Look.Rewritten, 'again'],
  [Look.Pinned, 'pinned'],
  [Look.Unsure, 'unsure'],
  [Look.Halfsure, 'halfsure'],
  [Look.Unneeded, 'unneeded'],
];

/** What is marked on slots besides their look, as attributes: picked by hand, different beside, place in an order. */
export type MarkName = 'picked' | 'differs' | 'rank';

export class Painter {
  readonly #root: HTMLElement;
  /** Undefined for a canvas that is only looked at. */
  readonly #prefix: string | undefined;
  readonly #marks: Record<MarkName, ReadonlyMap<number, string>> = {
    picked: new Map(),
    differs: new Map(),
    rank: new Map(),
  };
  #cells: Cell[] = [];
  /** Slots from 0 that are not shown. */
  #folded = 0;
  #selected = -1;
  #tabbable = -1;

  /** Slots of the canvas people work on get `prefix` in their ids and take the focus. */
  constructor(root: HTMLElement, prefix?: string) {
    this.#root = root;
    this.#prefix = prefix;
  }

  element(slot: number): HTMLElement | undefined {
    return this.#cells[slot]?.slot;
  }

  /** The first `folded` slots take part in everything but are not shown. */
  paint(frame: Frame, pieces: Readonly<Record<number, string>>, selected: number | undefined, folded = 0): void {
    if (this.#cells.length !== frame.ids.length || folded !== this.#folded) this.#build(frame.ids.length, folded);
    const texts = slotTexts(frame, pieces);
    for (const [slot, cell] of this.#cells.entries()) {
      const look = frame.looks[slot] as number;
      const text = texts[slot] as string;
      if (look === cell.look && text === cell.text) continue;
      this.#paintCell(cell, look, text);
    }
    if (this.#prefix !== undefined) this.#select(selected ?? -1);
  }

  /** Takes everything away. */
  clear(): void {
    if (this.#cells.length > 0) this.#build(0, 0);
  }

  #build(length: number, folded: number): void {
    this.#folded = folded;
    this.#cells = Array.from({ length }, (_, slot) => {
      const element = document.createElement('span');
      element.dataset['slot'] = String(slot);
      element.translate = false;
      if (this.#prefix !== undefined) {
        element.id = `${this.#prefix}${slot}`;
        element.role = 'option';
        element.tabIndex = -1;
        element.ariaSelected = 'false';
      }
      return { lead: new Text(), slot: element, trail: new Text(), look: -1, text: '' };
    });
    const nodes = this.#cells.map(({ lead, slot, trail }) => [lead, slot, trail]);
    const hidden = document.createElement('span');
    hidden.hidden = true;
    hidden.append(...nodes.slice(0, folded).flat());
    this.#root.replaceChildren(...(folded > 0 ? [hidden] : []), ...nodes.slice(folded).flat());
    // The grid numbers its cells, and hidden ones do not count by themselves.
    this.#root.style.counterReset = folded > 0 ? `slot ${folded}` : '';
    this.#selected = -1;
    this.#tabbable = -1;
    for (const name of Object.keys(this.#marks) as MarkName[]) this.#marks[name] = new Map();
  }

  /** Sets one kind of mark on exactly these slots. */
  mark(name: MarkName, marks: ReadonlyMap<number, string>): void {
    const before = this.#marks[name];
    for (const slot of before.keys()) if (!marks.has(slot)) delete this.element(slot)?.dataset[name];
    for (const [slot, value] of marks) {
      const element = this.element(slot);
      if (element && before.get(slot) !== value) element.dataset[name] = value;
    }
    this.#marks[name] = marks;
    if (name === 'picked' && this.#prefix !== undefined) {
      for (const slot of before.keys()) {
        const element = this.element(slot);
        if (element) element.ariaSelected = String(marks.has(slot) || slot === this.#selected);
      }
      for (const slot of marks.keys()) {
        const element = this.element(slot);
        if (element) element.ariaSelected = 'true';
      }
    }
  }

  #paintCell(cell: Cell, look: number, text: string): void {
    const { lead, body, trail, sign } = wordOf(text);
    const open = (look & Look.Open) !== 0;
    cell.look = look;
    cell.text = text;
    cell.lead.data = lead;
    cell.trail.data = trail;
    cell.slot.textContent = open ? '' : body;
    // The word that will stand here only lends its width: it is generated content, so it can be neither read nor copied.
    if (open) cell.slot.dataset['room'] = body;
    else delete cell.slot.dataset['room'];
    const names = CLASSES.filter(([bit]) => look & bit).map(([, name]) => name);
    if (lead === '') names.push('joined');
    if (sign && !open) names.push('sign');
    cell.slot.className = ['slot', ...names].join(' ');
    cell.slot.ariaLabel = look & Look.Unneeded ? m.chat.unneeded : open ? m.canvas.mask : sign ? m.canvas[sign] : null;
    cell.slot.lang = cell.slot.ariaLabel === null ? WRITTEN.lang : document.documentElement.lang;
  }

  /** Marks one slot as selected and makes it the one that Tab reaches. */
  #select(selected: number): void {
    const tabbable = Math.max(selected, this.#folded);
    if (selected !== this.#selected) {
      const before = this.element(this.#selected);
      const after = this.element(selected);
      if (before) before.ariaSelected = 'false';
      if (after) after.ariaSelected = 'true';
      this.#selected = selected;
    }
    if (tabbable !== this.#tabbable) {
      const before = this.element(this.#tabbable);
      const after = this.element(tabbable);
      if (before) before.tabIndex = -1;
      if (after) after.tabIndex = 0;
      this.#tabbable = tabbable;
    }
  }

  /** The slot above or below, by where it is drawn: lines break differently in prose and in grid. */
  neighbour(slot: number, direction: -1 | 1): number {
    const from = this.element(slot)?.getBoundingClientRect();
    if (!from) return slot;
    const middle = from.left + from.width / 2;
    let best = slot;
    let bestLine = Number.POSITIVE_INFINITY;
    let bestOff = Number.POSITIVE_INFINITY;
    for (const [other, { slot: element }] of this.#cells.entries()) {
      if (other < this.#folded) continue;
      const box = element.getBoundingClientRect();
      const line = (box.top - from.top) * direction;
      if (line < from.height * 0.6) continue;
      const off = Math.abs(box.left + box.width / 2 - middle);
      if (line < bestLine - 4 || (line < bestLine + 4 && off < bestOff)) {
        best = other;
        bestLine = line;
        bestOff = off;
      }
    }
    return best;
  }
}

/** The name of a slot for assistive technology, in full; set when it gets the focus. */
export function describeSlot(frame: Frame, pieces: Readonly<Record<number, string>>, slot: number): string {
  const look = frame.looks[slot] as number;
  const { body, sign } = wordOf(pieceAmong(frame.ids, slot, frame.ids[slot] as number, pieces));
  const wrote = frame.writtenAt[slot] as number;
  const word = look & Look.Open ? m.canvas.mask : sign ? m.canvas[sign] : body;
  const state =
    look & Look.Given
      ? m.canvas.given
      : look & Look.Pinned
        ? m.canvas.pinned
        : look & Look.Open
          ? look & Look.Unneeded
            ? m.chat.unneeded
            : look & Look.Rewritten
              ? m.canvas.maskedAgain
              : ''
          : m.canvas.written(wrote + 1, percent(frame.probability[slot] as number));
  return m.canvas.slotLabel(slot, word, state);
}
