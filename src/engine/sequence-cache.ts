/**
 * What passes leave on the card: hidden rows, so that a sequence that is asked again needs no pass, and keys and values
 * of every layer, for passes over some rows of a sequence. What is found here is what a pass would compute: a request has
 * one answer, whatever the cache holds.
 */
import { type BlockPattern, boundary } from '../diffusion/network.ts';
import { type Arch, isCausal } from '../model/arch.ts';
import { type Run, Runs } from './runs.ts';

/** Rows `[from, to)` of a sequence. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Tokens and where they stand; `positions` are 0, 1, 2 … unless told. */
export interface Text {
  readonly ids: Int32Array;
  readonly positions?: Int32Array | undefined;
  readonly sees?: BlockPattern | undefined;
}

/** Hidden rows from row `from` of a sequence on; `key` is everything that their values depend on. */
export interface HiddenLabel {
  readonly key: Int32Array;
  from: number;
}

/** Keys and values: row i holds those of token i. */
export interface KeyLabel {
  text: Text;
  /** Where passes ended: each read its rows seeing those before, and itself whole. The last is the text's length. */
  ends: readonly number[];
  /** Rows that passes over other canvases have overwritten since. */
  overwritten: Range | undefined;
}

export class SequenceCache {
  readonly hidden = new Runs<HiddenLabel>();
  readonly keys = new Runs<KeyLabel>();
  readonly #arch: Pick<Arch, 'layers'>;

  constructor(arch: Pick<Arch, 'layers'>) {
    this.#arch = arch;
  }

  /** Forgets what the card holds, because it is wrong or may be. */
  clear(): void {
    this.hidden.forget();
    this.keys.forget();
  }

  findHidden(key: Int32Array): Run<HiddenLabel> | undefined {
    return this.hidden.find((label) => isSame(label.key, key));
  }

  /** Keys and values of a whole pass over the anchor, but for rows `[from, to)`. */
  findAnchor(anchor: Text, { from, to }: Range): Run<KeyLabel> | undefined {
    return this.keys.find(({ text, ends, overwritten: gone }) => {
      if (gone && (gone.from < from || gone.to > to)) return false;
      return ends.length === 1 && text.ids.length === anchor.ids.length && common(text, anchor) === anchor.ids.length;
    });
  }

  /** The run that holds most of the first `prefix` rows of a text as a pass over these alone leaves them. */
  findPrefix(text: Text, prefix: number): Run<KeyLabel> | undefined {
    return this.keys.best((label) => this.held(label, text, prefix));
  }

  /** How many of them it holds. */
  held({ text: held, ends, overwritten }: KeyLabel, text: Text, prefix: number): number {
    const alike = Math.min(prefix, common(held, text), overwritten?.from ?? Number.POSITIVE_INFINITY);
    if (text.sees) return boundary(text.sees, alike);
    if (isCausal(this.#arch)) return alike;
    if (alike < prefix) return 0;
    const whole = ends.includes(prefix) || closedAt(this.#arch, prefix);
    return whole && ends.every((end) => end >= prefix || closedAt(this.#arch, end)) ? prefix : 0;
  }
}

/** Whether no query before this position sees a key at it or behind it. */
export function closedAt({ layers }: Pick<Arch, 'layers'>, position: number): boolean {
  return layers.every(({ attention: { sees } }) => {
    if ('window' in sees) return sees.window[1] === 0;
    return 'blocks' in sees && position % sees.blocks === 0;
  });
}

/** What hidden rows depend on, as one array. */
export function hiddenKey({ ids, positions, sees }: Text, ...parts: readonly (Int32Array | number)[]): Int32Array {
  const pattern = sees ? [-5, sees.blocks, sees.offset] : [];
  const all: (Int32Array | number)[] = [ids, -1, ...(positions ? [positions, -2] : []), ...pattern, ...parts];
  const key = new Int32Array(all.reduce<number>((sum, part) => sum + (typeof part === 'number' ? 1 : part.length), 0));
  let at = 0;
  for (const part of all) {
    if (typeof part === 'number') key[at++] = part;
    else {
      key.set(part, at);
      at += part.length;
    }
  }
  return key;
}

/** How many tokens two texts begin with alike; none where they are not read alike. */
export function common(a: Text, b: Text): number {
  if (a.sees?.blocks !== b.sees?.blocks || a.sees?.offset !== b.sees?.offset) return 0;
  const length = Math.min(a.ids.length, b.ids.length);
  let same = 0;
  while (
    same < length &&
    a.ids[same] === b.ids[same] &&
    (a.positions?.[same] ?? same) === (b.positions?.[same] ?? same)
  ) {
    same++;
  }
  return same;
}

export function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
