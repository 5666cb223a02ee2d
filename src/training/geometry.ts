/**
 * What attention needs to know of positions alone: rotary angles (RoFormer, arXiv 2104.09864; the half-split kind) and
 * the window of each layer. Both depend on the canvas length only, and on which rows of it go through the network.
 */

import { keep, type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import type { AttentionSpec, Rotary, Sees } from '../model/arch.ts';
import { frequencies } from '../model/rotary.ts';
import { windowOf } from '../model/sees.ts';

export interface Angles {
  /** cos and sin of each position's angles, each `[to − from, d/2]`. */
  readonly cos: Tensor2D;
  readonly sin: Tensor2D;
}

/** Added to a score that must not be seen: exp of it is exactly 0 in f32, and no −∞ − −∞ can arise. */
const HIDDEN = -1e9;

export class Geometry {
  readonly length: number;
  readonly from: number;
  readonly to: number;
  readonly #rotary = new Map<string, Angles>();
  readonly #masks = new Map<string, Tensor2D | undefined>();

  /** Of rows `[from, to)` of a canvas of `length` positions. */
  constructor(length: number, from = 0, to = length) {
    this.length = length;
    this.from = from;
    this.to = to;
  }

  rotary({ rotary: kind, headDim }: AttentionSpec): Angles {
    const key = JSON.stringify([headDim, kind]);
    let rotary = this.#rotary.get(key);
    if (rotary === undefined) {
      const half = headDim / 2;
      const turns = frequencies(kind as Rotary, headDim);
      const rows = this.to - this.from;
      const cos = new Float32Array(rows * half);
      const sin = new Float32Array(rows * half);
      for (let row = 0; row < rows; row++) {
        for (let j = 0; j < half; j++) {
          const angle = (this.from + row) * (turns[j] as number);
          cos[row * half + j] = Math.cos(angle);
          sin[row * half + j] = Math.sin(angle);
        }
      }
      const shape: [number, number] = [rows, half];
      rotary = { cos: keep(tensor2d(cos, shape)), sin: keep(tensor2d(sin, shape)) };
      this.#rotary.set(key, rotary);
    }
    return rotary;
  }

  /** `[to − from, T]`: 0 where query (row) sees key (column), a huge negative number elsewhere; undefined when all is seen. */
  mask(sees: Sees): Tensor2D | undefined {
    const [before, after] = windowOf(sees);
    const last = this.length - 1;
    if (before >= this.to - 1 && after >= last - this.from) return undefined;
    const key = `${before},${after}`;
    let mask = this.#masks.get(key);
    if (mask === undefined) {
      const rows = this.to - this.from;
      const values = new Float32Array(rows * this.length).fill(HIDDEN);
      for (let query = this.from; query < this.to; query++) {
        const row = (query - this.from) * this.length;
        values.fill(0, row + Math.max(0, query - before), row + Math.min(last, query + after) + 1);
      }
      mask = keep(tensor2d(values, [rows, this.length]));
      this.#masks.set(key, mask);
    }
    return mask;
  }

  dispose(): void {
    for (const { cos, sin } of this.#rotary.values()) {
      cos.dispose();
      sin.dispose();
    }
    for (const mask of this.#masks.values()) mask?.dispose();
    this.#rotary.clear();
    this.#masks.clear();
  }
}
