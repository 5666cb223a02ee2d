/**
 * What attention needs to know of positions alone: rotary angles (RoFormer, arXiv 2104.09864; the half-split kind) and
 * the window of each layer. Both depend on the canvas length only, so a `Geometry` is made once per length.
 */
import { keep, type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import type { LayerConfig, ModelConfig } from '../checkpoint/model.ts';

export interface Rotary {
  /** cos and sin of position · θ^(−2j/d), each `[T, d/2]`. */
  readonly cos: Tensor2D;
  readonly sin: Tensor2D;
}

/** Added to a score that must not be seen: exp of it is exactly 0 in f32, and no −∞ − −∞ can arise. */
const HIDDEN = -1e9;

export class Geometry {
  readonly length: number;
  readonly #headDim: number;
  readonly #rotary = new Map<number, Rotary>();
  readonly #masks = new Map<string, Tensor2D | undefined>();

  constructor(config: ModelConfig, length: number) {
    this.length = length;
    this.#headDim = config.headDim;
  }

  rotary(theta: number): Rotary {
    let rotary = this.#rotary.get(theta);
    if (rotary === undefined) {
      const half = this.#headDim / 2;
      const cos = new Float32Array(this.length * half);
      const sin = new Float32Array(this.length * half);
      for (let position = 0; position < this.length; position++) {
        for (let j = 0; j < half; j++) {
          const angle = position * theta ** (-j / half);
          cos[position * half + j] = Math.cos(angle);
          sin[position * half + j] = Math.sin(angle);
        }
      }
      const shape: [number, number] = [this.length, half];
      rotary = { cos: keep(tensor2d(cos, shape)), sin: keep(tensor2d(sin, shape)) };
      this.#rotary.set(theta, rotary);
    }
    return rotary;
  }

  /** `[T, T]`: 0 where query (row) sees key (column), a huge negative number elsewhere; undefined when all is seen. */
  mask(layer: LayerConfig): Tensor2D | undefined {
    const { left, right } = layer;
    const last = this.length - 1;
    if (left >= last && right >= last) return undefined;
    const key = `${left},${right}`;
    let mask = this.#masks.get(key);
    if (mask === undefined) {
      const values = new Float32Array(this.length ** 2).fill(HIDDEN);
      for (let query = 0; query < this.length; query++) {
        const row = query * this.length;
        values.fill(0, row + Math.max(0, query - left), row + Math.min(last, query + right) + 1);
      }
      mask = keep(tensor2d(values, [this.length, this.length]));
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
