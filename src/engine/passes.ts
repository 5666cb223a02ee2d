/**
 * Forward passes and what they leave on the card: the hidden rows of the last few canvases on shelves, so that a canvas
 * that is asked again needs no pass, and keys and values of the last one, for passes over some of its rows.
 */
import type { Forward, Place, Range } from './forward.ts';
import { type Anchored, Kept } from './kept.ts';
import { Shelves } from './shelves.ts';

/** Stands for the text that a causal model reads, whose last rows have a shelf of their own. No canvas is this. */
const TEXT = Int32Array.of(-1);

export class Passes {
  readonly forward: Forward;
  readonly kept = new Kept();
  readonly #shelves = new Shelves();
  #forwards = 0;
  #rows = 0;

  constructor(forward: Forward) {
    this.forward = forward;
  }

  /** Passes made so far. */
  get forwards(): number {
    return this.#forwards;
  }

  /** Positions that went through the network in them. */
  get rows(): number {
    return this.#rows;
  }

  /** Buffers and pipelines for passes over a canvas of this length, of which `rows` are run. */
  async prepare(tokens: number, rows: number, keep: boolean): Promise<void> {
    const moved = await this.forward.prepare(tokens, this.#shelves.inUse, { rows, keep });
    if (moved) this.#shelves.renumber(moved);
  }

  /** Forgets what the card holds, because it is wrong or may be. */
  clear(): void {
    this.#shelves.clear();
    this.kept.clear();
  }

  /** Where the hidden rows of a canvas begin, after a forward pass if need be. */
  shelve(ids: Int32Array, pass: GPUComputePassEncoder, place: Place, fresh = false): number {
    const found = this.#shelves.find(ids);
    if (found !== undefined && !fresh) return this.forward.shelfRow(found);
    const shelf = found ?? this.#shelves.take(ids, this.forward.shelves);
    this.forward.encode(pass, ids, shelf, place);
    if (this.forward.keeps) this.kept.whole(ids);
    return this.#count(shelf, ids.length);
  }

  /** The same for rows of a canvas around which the anchor's keys and values lie: where its row 0 would be. */
  shelveRows(ids: Int32Array, pass: GPUComputePassEncoder, { anchor, from, to }: Anchored, fresh = false): number {
    const key = Int32Array.of(...ids, -1, ...anchor, from, to);
    const found = this.#shelves.find(key);
    if (found !== undefined && !fresh) return this.forward.shelfRow(found) - from;
    const shelf = found ?? this.#shelves.take(key, this.forward.shelves);
    this.forward.encode(pass, ids, shelf, 0, { from, to });
    this.kept.overwrite({ from, to });
    return this.#count(shelf, to - from) - from;
  }

  /** The same for the end of a causal text, whose beginning has been read: where row `from` is. */
  readOn(ids: Int32Array, pass: GPUComputePassEncoder, range: Range): number {
    const shelf = this.#shelves.find(TEXT) ?? this.#shelves.take(TEXT, this.forward.shelves);
    this.forward.encode(pass, ids, shelf, 0, range);
    this.kept.whole(ids);
    return this.#count(shelf, range.to - range.from);
  }

  #count(shelf: number, rows: number): number {
    this.#forwards++;
    this.#rows += rows;
    return this.forward.shelfRow(shelf);
  }
}
