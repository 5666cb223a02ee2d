/**
 * Paints frames onto the token canvas. One element per slot that lives as long as the run, wherever the slot stands and
 * whether it does, so that focus, selection and the eye find it again in prose and in grid; only what changed since the
 * last frame is touched.
 */
import { percent } from '../messages/format.ts';
import { m } from '../messages/index.ts';
import { type Frame, Look } from './frame.ts';
import { boundsOf, slotClasses, slotTexts, WRITTEN, wordIn, wordOf } from './words.ts';

interface Cell {
  readonly lead: Text;
  readonly slot: HTMLElement;
  readonly trail: Text;
  /** Breaks the line before the slot. */
  held?: HTMLElement;
  /** What is painted, as one number and one string, to compare with. */
  look: number;
  text: string;
}

/** What is shown of one slot, and the space that ended the one before it. */
export interface Piece {
  readonly slot: number;
  readonly lead: string;
  readonly body: string;
  readonly before: string;
  readonly open: boolean;
}

/**
 * What is marked on slots besides their look, as attributes: picked by hand, different beside, place in an order,
 * how block diffusion reads it, the number of the block that begins there, and the marks at either end of a text.
 */
export type MarkName = 'picked' | 'differs' | 'rank' | 'read' | 'edge' | 'bound';

export class Painter {
  readonly #root: HTMLElement;
  /** Undefined for a canvas that is only looked at. */
  readonly #prefix: string | undefined;
  readonly #marks: Record<MarkName, ReadonlyMap<number, string>> = {
    picked: new Map(),
    differs: new Map(),
    rank: new Map(),
    read: new Map(),
    edge: new Map(),
    bound: new Map(),
  };
  /** By slot. */
  #cells: Cell[] = [];
  /** The slots that are in the document, in reading order. */
  #order: readonly number[] = [];
  /** How many of them are not shown. */
  #folded = 0;
  /** Holds what is not shown. */
  #hidden = document.createElement('span');
  #held: ReadonlySet<number> = new Set();
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

  /** Whether it is seen now. */
  #isShown(slot: number): boolean {
    return this.#order.indexOf(slot) >= this.#folded;
  }

  /** The first `folded` slots take part in everything but are not shown. */
  paint(frame: Frame, pieces: Readonly<Record<number, string>>, selected: number | undefined, folded = 0): void {
    if (this.#cells.length > frame.ids.length || folded !== this.#folded) this.#build(folded);
    this.#put(frame);
    const texts = slotTexts(frame, pieces);
    for (const slot of this.#order) {
      const cell = this.#cells[slot] as Cell;
      const look = frame.looks[slot] as number;
      const text = texts[slot] as string;
      if (look === cell.look && text === cell.text) continue;
      this.#paintCell(cell, look, text);
    }
    this.mark('bound', boundsOf(frame, pieces));
    if (this.#prefix !== undefined) this.#select(selected ?? -1);
  }

  /** Takes everything away. */
  clear(): void {
    if (this.#cells.length > 0) this.#build(0);
  }

  #cell(slot: number): Cell {
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
  }

  /** Puts the cells in the order of the frame; those that stay where they are are not touched. */
  #put({ order, ids }: Frame): void {
    for (let slot = this.#cells.length; slot < ids.length; slot++) this.#cells.push(this.#cell(slot));
    if (order.length === this.#order.length && order.every((slot, place) => slot === this.#order[place])) return;
    const standing = new Set(order);
    for (const slot of this.#order) {
      if (!standing.has(slot)) for (const node of this.#nodes(slot)) node.remove();
    }
    this.#order = Array.from(order);
    const hidden = this.#hidden;
    hidden.replaceChildren(...this.#order.slice(0, this.#folded).flatMap((slot) => this.#nodes(slot)));
    if (this.#folded > 0 && !hidden.isConnected) this.#root.prepend(hidden);
    let before: ChildNode | null = hidden.isConnected ? hidden.nextSibling : this.#root.firstChild;
    for (const slot of this.#order.slice(this.#folded)) {
      for (const node of this.#nodes(slot)) {
        if (node === before) before = node.nextSibling;
        else this.#root.insertBefore(node, before);
      }
    }
  }

  #nodes(slot: number): ChildNode[] {
    const { lead, held, slot: element, trail } = this.#cells[slot] as Cell;
    return held ? [lead, held, element, trail] : [lead, element, trail];
  }

  /** The slots that `hold` begins lines with. */
  get held(): ReadonlySet<number> {
    return this.#held;
  }

  /** Begins a line of prose with each of these slots, and with no other but where the text does or a line is full. */
  hold(slots: ReadonlySet<number>): void {
    for (const slot of this.#held) {
      const cell = this.#cells[slot];
      if (slots.has(slot) || !cell) continue;
      cell.held?.remove();
      delete cell.held;
    }
    for (const slot of slots) {
      const cell = this.#cells[slot];
      if (!cell || cell.held) continue;
      cell.held = document.createElement('span');
      cell.held.className = 'line-end';
      cell.slot.before(cell.held);
    }
    this.#held = new Set(slots);
  }

  /** What is shown, in reading order. */
  pieces(): Piece[] {
    let before = '';
    return this.#order.slice(this.#folded).map((slot) => {
      const { text, look } = this.#cells[slot] as Cell;
      const { lead, body, trail } = wordOf(text);
      // The marks at either end of a text are narrow, and all that follow the first have no width at all.
      const bound = this.#marks.bound.has(slot);
      const open = (look & Look.Open) !== 0;
      const piece = { slot, lead: bound ? '' : lead, body: bound ? '' : body, before, open };
      before = bound ? '' : trail;
      return piece;
    });
  }

  /** The slots that begin a line as it is drawn, but for those that the text begins one with. */
  drawnStarts(): Set<number> {
    const starts = new Set<number>();
    let above: HTMLElement | undefined;
    for (const { slot, lead, before } of this.pieces()) {
      const { slot: element } = this.#cells[slot] as Cell;
      const spaces = before + lead;
      const lower = above && element.offsetTop > above.offsetTop + above.offsetHeight / 2;
      if (lower && spaces !== '' && !spaces.includes('\n')) starts.add(slot);
      above = element;
    }
    return starts;
  }

  #build(folded: number): void {
    this.#folded = folded;
    this.#cells = [];
    this.#held = new Set();
    this.#order = [];
    this.#hidden = document.createElement('span');
    this.#hidden.hidden = true;
    this.#root.replaceChildren();
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
    cell.slot.className = slotClasses(look, text);
    cell.slot.ariaLabel = look & Look.Unneeded ? m.chat.unneeded : open ? m.canvas.mask : sign ? m.canvas[sign] : null;
    cell.slot.lang = cell.slot.ariaLabel === null ? WRITTEN.lang : document.documentElement.lang;
  }

  /** Marks one slot as selected and makes it the one that Tab reaches. */
  #select(selected: number): void {
    const tabbable = this.#isShown(selected) ? selected : (this.#order[this.#folded] ?? -1);
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
    for (const other of this.#order.slice(this.#folded)) {
      const box = (this.#cells[other] as Cell).slot.getBoundingClientRect();
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
  const { word, kind } = slotWords(frame, pieces, slot);
  const wrote = frame.writtenAt[slot] as number;
  const state = kind ?? m.canvas.written(wrote + 1, percent(frame.probability[slot] as number));
  return m.canvas.slotLabel(frame.order.indexOf(slot), word, state);
}

/** The word of a slot, and what it is if the model has not written it; empty for a mask that is simply not there yet. */
export function slotWords(
  frame: Frame,
  pieces: Readonly<Record<number, string>>,
  slot: number,
): { readonly word: string; readonly kind: string | undefined } {
  const look = frame.looks[slot] as number;
  const { body, sign } = wordIn(frame, slot, frame.ids[slot] as number, pieces);
  const word = look & Look.Open ? m.canvas.mask : sign ? m.canvas[sign] : body;
  const kind =
    look & Look.Removed
      ? m.canvas.removed
      : look & Look.Given
        ? m.canvas.given
        : look & Look.Pinned
          ? m.canvas.pinned
          : look & Look.Open
            ? look & Look.Unneeded
              ? m.chat.unneeded
              : look & Look.Rewritten
                ? m.canvas.maskedAgain
                : ''
            : undefined;
  return { word, kind };
}
