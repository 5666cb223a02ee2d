/**
 * Which rows a step reads: the texts in a shuffled order, another one each epoch, as a function of seed and step alone.
 * So a run needs to keep no position in its data: a resumed one reads what the unbroken one would have read.
 */
import { Stream, stepKey, word } from '../../diffusion/rng.ts';
import type { Rows } from '../objectives/objective.ts';
import type { Dataset } from './dataset.ts';

export class Batches {
  readonly #data: Dataset;
  readonly #size: number;
  readonly #seed: number;
  readonly #together: number;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array(0);

  /** `size` rows a step, or groups of so many rows that stay `together`. */
  constructor(data: Dataset, size: number, seed: number, together = 1) {
    this.#data = data;
    this.#together = together;
    this.#size = size;
    this.#seed = seed;
  }

  /** The rows of step `step`, from 0. A batch may lie across two epochs. */
  at(step: number): Rows {
    const { length } = this.#data;
    const count = this.#count;
    const rows = Array.from({ length: this.#size }, (_, i) => {
      const place = step * this.#size + i;
      const group = this.#orderOf(Math.floor(place / count))[place % count] as number;
      return Array.from({ length: this.#together }, (__, row) => group * this.#together + row);
    }).flat();
    return rowsOf(this.#data, rows, length);
  }

  get #count(): number {
    return Math.floor(this.#data.count / this.#together);
  }

  #orderOf(epoch: number): Uint32Array {
    if (epoch !== this.#epoch) {
      this.#order = shuffled(this.#count, this.#seed, epoch);
      this.#epoch = epoch;
    }
    return this.#order;
  }
}

/** Some rows of a data set, copied. */
export function rowsOf({ ids, maskable }: Rows, rows: readonly number[], length: number): Rows {
  const chosen: Rows = {
    ids: new Int32Array(rows.length * length),
    maskable: new Uint8Array(rows.length * length),
    length,
  };
  for (const [i, row] of rows.entries()) {
    chosen.ids.set(ids.subarray(row * length, (row + 1) * length), i * length);
    chosen.maskable.set(maskable.subarray(row * length, (row + 1) * length), i * length);
  }
  return chosen;
}

/** 0 … count − 1 in an order drawn for this epoch (Fisher–Yates). */
export function shuffled(count: number, seed: number, epoch: number): Uint32Array {
  const key = stepKey(seed, epoch, Stream.Shuffle);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((word(key, i, 0) / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
