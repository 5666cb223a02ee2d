/**
 * Remembers what the network made of recent canvases, so that asking again (another temperature, other slots, another
 * K) costs a decode but no forward pass. The oldest go first when the budget of bytes is full.
 */
import type { Tensor2D } from '@tensorflow/tfjs-core';

export class HiddenStateCache {
  readonly #budget: number;
  readonly #entries = new Map<string, Tensor2D>();
  #bytes = 0;

  /** `budget` in bytes; the two newest entries stay even beyond it (guidance asks two canvases at once). */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** The hidden states of a canvas asked before; it counts as the newest now. */
  get(canvas: Int32Array): Tensor2D | undefined {
    const key = canvas.join();
    const hidden = this.#entries.get(key);
    if (hidden !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, hidden);
    }
    return hidden;
  }

  /** Takes over `hidden` (already kept alive by the caller) and disposes it when it is pushed out. */
  put(canvas: Int32Array, hidden: Tensor2D): void {
    const known = this.#entries.get(canvas.join());
    this.#bytes -= 4 * (known?.size ?? 0);
    known?.dispose();
    this.#entries.set(canvas.join(), hidden);
    this.#bytes += 4 * hidden.size;
    for (const [key, oldest] of this.#entries) {
      if (this.#bytes <= this.#budget || this.#entries.size <= 2) break;
      this.#entries.delete(key);
      this.#bytes -= 4 * oldest.size;
      oldest.dispose();
    }
  }

  dispose(): void {
    for (const hidden of this.#entries.values()) hidden.dispose();
    this.#entries.clear();
    this.#bytes = 0;
  }
}
