/**
 * Whose keys and values the card holds after the last pass, so that a pass over some rows knows whether those of the other
 * positions are what it wants: the rows of a block with an anchor around them, or the end of a text that goes on.
 */
import { commonPrefix } from '../diffusion/cache.ts';
import type { CacheUse } from '../diffusion/network.ts';
import type { Range } from './forward.ts';

/** A canvas of which some rows go through the network. */
export type Anchored = Omit<CacheUse & { kind: 'anchored' }, 'kind'>;

const NOTHING: Range = { from: 0, to: 0 };

export class Kept {
  #ids = new Int32Array(0);
  /** Rows that passes over other canvases have overwritten since. */
  #overwritten = NOTHING;

  /** Every row holds what a pass over this canvas, or this causal text, leaves. */
  whole(ids: Int32Array): void {
    this.#ids = ids.slice();
    this.#overwritten = NOTHING;
  }

  /** These rows do not, any more. */
  overwrite({ from, to }: Range): void {
    const old = this.#overwritten;
    const none = old.from === old.to;
    this.#overwritten = none ? { from, to } : { from: Math.min(old.from, from), to: Math.max(old.to, to) };
  }

  /** Whether the keys and values outside `[from, to)` are those of the anchor. */
  holds({ anchor, from, to }: Anchored): boolean {
    const old = this.#overwritten;
    const outside = old.from < old.to && (old.from < from || old.to > to);
    return !outside && this.#ids.length === anchor.length && commonPrefix(this.#ids, anchor) === anchor.length;
  }

  /** Of a causal model: how many tokens of a text need not be read again. */
  prefix(ids: Int32Array): number {
    return commonPrefix(this.#ids, ids);
  }

  clear(): void {
    this.whole(new Int32Array(0));
  }
}
