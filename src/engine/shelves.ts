/**
 * Which canvas lies on which shelf: the hidden rows of the last few canvases stay on the card, so that asking the same
 * canvas again, with another temperature, seed or set of slots, needs no forward pass. Least recently used goes first.
 */
export class Shelves {
  /** Canvases with their shelves, most recently used first. */
  #entries: { readonly ids: Int32Array; readonly shelf: number }[] = [];

  /** The shelf of a canvas, which becomes the most recently used; undefined when it is not there. */
  find(ids: Int32Array): number | undefined {
    const at = this.#entries.findIndex((entry) => isSame(entry.ids, ids));
    if (at < 0) return undefined;
    const [entry] = this.#entries.splice(at, 1) as [{ ids: Int32Array; shelf: number }];
    this.#entries.unshift(entry);
    return entry.shelf;
  }

  /** A shelf for a canvas that is not there yet: a free one, or that of the canvas used longest ago. */
  take(ids: Int32Array, count: number): number {
    const used = new Set(this.#entries.map(({ shelf }) => shelf));
    let shelf = 0;
    while (used.has(shelf)) shelf++;
    if (shelf >= count) shelf = (this.#entries.pop() as { shelf: number }).shelf;
    this.#entries.unshift({ ids: ids.slice(), shelf });
    return shelf;
  }

  /** Forgets everything, because a pass failed and the rows may be wrong. */
  clear(): void {
    this.#entries = [];
  }

  /** Shelves in use, most recently used first. */
  get inUse(): number[] {
    return this.#entries.map(({ shelf }) => shelf);
  }

  /** After the shelves `kept` were moved to 0, 1, 2 …: forgets all others. */
  renumber(kept: readonly number[]): void {
    this.#entries = this.#entries
      .filter(({ shelf }) => kept.includes(shelf))
      .map(({ ids, shelf }) => ({ ids, shelf: kept.indexOf(shelf) }));
  }
}

export function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
