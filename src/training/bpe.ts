/**
 * Learns a byte-level BPE tokenizer from text (Sennrich et al., arXiv 1508.07909; bytes as in GPT-2) and writes it as a
 * `tokenizer.json`. Words are counted once; then the most frequent pair of neighbouring pieces becomes a new piece, again
 * and again. A heap keeps the pairs in order and each pair knows the words it is in, so a merge touches only those. Ties
 * go to the pair of smaller ids, as in Hugging Face's trainer: same text, same tokenizer.
 */

/** Ids 0 … 4, as in the shipped model. */
export const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;
const LETTERS = 256;

/** GPT-2's splitting into words, which tokenizers apply under the name ByteLevel. */
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** Milliseconds of work between two pauses. */
const SLICE_MS = 40;

export interface LearnOptions {
  /** Pieces in all, special tokens and the 256 bytes included; fewer come out of a short text. */
  readonly vocabulary: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** GPT-2's names of the 256 bytes: printable Latin-1 letters stand for themselves, the others for letters from Ā on. */
function byteNames(): string[] {
  const names = new Array<string>(LETTERS);
  let next = LETTERS;
  for (let byte = 0; byte < LETTERS; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    names[byte] = String.fromCharCode(printable ? byte : next++);
  }
  return names;
}

interface Word {
  pieces: number[];
  readonly count: number;
}

/** The merges learnt from `texts`, best first, as pairs of ids; piece 5 + 256 + i is the result of merge i. */
export async function learnMerges(texts: readonly string[], options: LearnOptions): Promise<[number, number][]> {
  const yieldToEvents = pauses(options);
  const words = await countWords(texts, yieldToEvents);
  const first = SPECIAL_TOKENS.length + LETTERS;
  const counts = new Map<number, number>();
  const places = new Map<number, Set<number>>();
  const note = (a: number, b: number, change: number, at: number) => {
    const pair = a * 65_536 + b;
    counts.set(pair, (counts.get(pair) ?? 0) + change);
    if (change < 0) return;
    const known = places.get(pair);
    if (known === undefined) places.set(pair, new Set([at]));
    else known.add(at);
  };
  for (const [at, { pieces, count }] of words.entries()) {
    for (let i = 0; i + 1 < pieces.length; i++) note(pieces[i] as number, pieces[i + 1] as number, count, at);
  }
  const heap = new PairHeap();
  for (const [pair, count] of counts) heap.push({ pair, count });
  const merges: [number, number][] = [];
  while (first + merges.length < options.vocabulary) {
    const best = heap.pop();
    if (best === undefined) break;
    const current = counts.get(best.pair) ?? 0;
    if (current !== best.count) {
      // Merges before this one took some away.
      if (current > 1) heap.push({ pair: best.pair, count: current });
      continue;
    }
    if (current < 2) break;
    const [a, b] = [Math.floor(best.pair / 65_536), best.pair % 65_536];
    const merged = first + merges.length;
    merges.push([a, b]);
    const changed = new Set<number>();
    const tell = (x: number, y: number, change: number, at: number) => {
      note(x, y, change, at);
      if (change > 0) changed.add(x * 65_536 + y);
    };
    for (const at of places.get(best.pair) ?? []) mergeIn(words[at] as Word, a, b, merged, at, tell);
    places.delete(best.pair);
    counts.delete(best.pair);
    for (const pair of changed) heap.push({ pair, count: counts.get(pair) as number });
    await yieldToEvents((first + merges.length) / options.vocabulary);
  }
  return merges;
}

/** Replaces a b by `merged` in one word, from the left, and tells which pairs went and came. */
function mergeIn(
  word: Word,
  a: number,
  b: number,
  merged: number,
  at: number,
  tell: (x: number, y: number, change: number, at: number) => void,
): void {
  const { pieces, count } = word;
  const out: number[] = [];
  for (let i = 0; i < pieces.length; i++) {
    if (pieces[i] !== a || pieces[i + 1] !== b) {
      out.push(pieces[i] as number);
      continue;
    }
    const [before, after] = [out.at(-1), pieces[i + 2]];
    if (before !== undefined) {
      tell(before, a, -count, at);
      tell(before, merged, count, at);
    }
    if (after !== undefined) {
      tell(b, after, -count, at);
      // As if the next were not merged itself; if it is, its own turn takes this back.
      tell(merged, after, count, at);
    }
    out.push(merged);
    i++;
  }
  word.pieces = out;
}

async function countWords(texts: readonly string[], yieldToEvents: (share: number) => Promise<void>): Promise<Word[]> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of text.normalize('NFC').matchAll(WORDS)) counts.set(word, (counts.get(word) ?? 0) + 1);
    await yieldToEvents(0);
  }
  const encoder = new TextEncoder();
  const ids = letterIds();
  return [...counts].map(([word, count]) => ({
    pieces: Array.from(encoder.encode(word), (byte) => ids[byte] as number),
    count,
  }));
}

/** Ids of the bytes: after the special tokens, in the order of their names. */
function letterIds(): Uint16Array {
  const names = byteNames();
  const order = Array.from(names.keys()).sort((x, y) => ((names[x] as string) < (names[y] as string) ? -1 : 1));
  const ids = new Uint16Array(LETTERS);
  for (const [place, byte] of order.entries()) ids[byte] = SPECIAL_TOKENS.length + place;
  return ids;
}

function pauses({ signal, onProgress }: LearnOptions): (share: number) => Promise<void> {
  let yielded = performance.now();
  return async (share) => {
    if (performance.now() - yielded < SLICE_MS) return;
    onProgress?.(share);
    await new Promise((resume) => setTimeout(resume));
    signal?.throwIfAborted();
    yielded = performance.now();
  };
}

interface Entry {
  readonly pair: number;
  readonly count: number;
}

/** Largest count first; of equal ones the smaller pair. */
class PairHeap {
  readonly #entries: Entry[] = [];

  push(entry: Entry): void {
    const entries = this.#entries;
    let at = entries.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, entries[parent] as Entry)) break;
      entries[at] = entries[parent] as Entry;
      at = parent;
    }
    entries[at] = entry;
  }

  pop(): Entry | undefined {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && before(entries[child + 1] as Entry, entries[child] as Entry)) child++;
      if (!before(entries[child] as Entry, last)) break;
      entries[at] = entries[child] as Entry;
      at = child;
    }
    entries[at] = last;
    return top;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.count > b.count || (a.count === b.count && a.pair < b.pair);
}

/** A `tokenizer.json` in Hugging Face's format. Without merges each byte is a token: of plain ASCII, each character. */
export function tokenizerJson(merges: readonly (readonly [number, number])[]): object {
  const names = byteNames();
  const letters = names.toSorted((x, y) => (x < y ? -1 : 1));
  const pieces = [...SPECIAL_TOKENS, ...letters];
  const written = merges.map(([a, b]) => {
    const [left, right] = [pieces[a] as string, pieces[b] as string];
    pieces.push(left + right);
    return `${left} ${right}`;
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_TOKENS.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: content === '[MASK]',
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'NFC' },
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
      merges: written,
    },
  };
}
