/**
 * What a network needs to know of positions alone: rotary angles (RoFormer, arXiv 2104.09864; the half-split kind) and
 * which keys each row sees. Both depend on the canvas length and positions only, and on which rows go through the network.
 */
import { keep, type Tensor2D, type Tensor4D, tensor2d, tensor4d } from '@tensorflow/tfjs-core';
import type { Rotary, Sees } from '../model/arch.ts';
import { frequencies } from '../model/rotary.ts';
import { visibleRuns } from '../model/sees.ts';

export interface Angles {
  /** cos and sin of position · frequency, each `[to − from, headDim / 2]`. */
  readonly cos: Tensor2D;
  readonly sin: Tensor2D;
}

export interface Placed {
  /** Rows `[from, to)` go through the network; all unless told. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Of each slot, `[T]`; 0 … T − 1 unless told. */
  readonly positions?: Int32Array | undefined;
  /** In place of what the network's layers say. */
  readonly sees?: Sees | undefined;
  /** Of B canvases of different lengths, `[B]`: nobody sees what stands behind their ends. */
  readonly lengths?: Int32Array | undefined;
}

/** Added to a score that must not be seen: exp of it is exactly 0 in f32, and no −∞ − −∞ can arise. */
const HIDDEN = -1e9;

export class Geometry {
  readonly length: number;
  readonly from: number;
  readonly to: number;
  /** Of the rows, `[to − from]`. */
  readonly positions: Int32Array;
  /** What it was made of. */
  readonly placed: Placed;
  readonly #angles = new Map<string, Angles>();
  readonly #masks = new Map<string, Tensor2D | undefined>();
  #ends: Tensor4D | undefined;

  /** Of a canvas of `length` slots. */
  constructor(length: number, placed: Placed = {}) {
    const { from = 0, to = length, positions } = placed;
    this.placed = placed;
    this.length = length;
    this.from = from;
    this.to = to;
    this.positions = positions?.slice(from, to) ?? Int32Array.from({ length: to - from }, (_, row) => from + row);
  }

  /** The positions of `rows` rows of canvases laid end to end. */
  repeated(rows: number): Int32Array {
    const count = this.positions.length;
    if (rows === count) return this.positions;
    return Int32Array.from({ length: rows }, (_, row) => this.positions[row % count] as number);
  }

  rotary(rotary: Rotary, headDim: number): Angles {
    const key = JSON.stringify([rotary, headDim]);
    let angles = this.#angles.get(key);
    if (angles === undefined) {
      const turns = frequencies(rotary, headDim);
      const half = turns.length;
      const [cos, sin] = [
        new Float32Array(this.positions.length * half),
        new Float32Array(this.positions.length * half),
      ];
      for (const [row, position] of this.positions.entries()) {
        for (const [j, frequency] of turns.entries()) {
          cos[row * half + j] = Math.cos(position * frequency);
          sin[row * half + j] = Math.sin(position * frequency);
        }
      }
      const shape: [number, number] = [this.positions.length, half];
      angles = { cos: keep(tensor2d(cos, shape)), sin: keep(tensor2d(sin, shape)) };
      this.#angles.set(key, angles);
    }
    return angles;
  }

  /** What a layer sees that is made for `sees`. */
  seen(sees: Sees): Sees {
    return this.placed.sees ?? sees;
  }

  /** `[to − from, T]`: 0 where query (row) sees key (column), a huge negative number elsewhere; undefined when all is seen. */
  mask(of: Sees): Tensor2D | undefined {
    const sees = this.seen(of);
    const key = Object.entries(sees).join();
    if (this.#masks.has(key)) return this.#masks.get(key);
    const { from, to, length } = this;
    const values = new Float32Array((to - from) * length).fill(HIDDEN);
    let all = true;
    for (let query = from; query < to; query++) {
      const runs = visibleRuns(sees, query, length);
      for (const [first, last] of runs) values.fill(0, (query - from) * length + first, (query - from) * length + last);
      all &&= runs.reduce((sum, [first, last]) => sum + last - first, 0) === length;
    }
    const mask = all ? undefined : keep(tensor2d(values, [to - from, length]));
    this.#masks.set(key, mask);
    return mask;
  }

  /** `[B, 1, 1, T]`: 0 for the tokens of a canvas, a huge negative number behind its end; undefined when all are whole. */
  ends(): Tensor4D | undefined {
    const { length } = this;
    const { lengths } = this.placed;
    if (lengths === undefined || lengths.every((own) => own === length)) return undefined;
    this.#ends ??= keep(
      tensor4d(
        Float32Array.from({ length: lengths.length * length }, (_, i) =>
          i % length < (lengths[Math.floor(i / length)] as number) ? 0 : HIDDEN,
        ),
        [lengths.length, 1, 1, length],
      ),
    );
    return this.#ends;
  }

  dispose(): void {
    this.#ends?.dispose();
    this.#ends = undefined;
    for (const { cos, sin } of this.#angles.values()) {
      cos.dispose();
      sin.dispose();
    }
    for (const mask of this.#masks.values()) mask?.dispose();
    this.#angles.clear();
    this.#masks.clear();
  }
}
