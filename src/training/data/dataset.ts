/**
 * From texts to rows of token ids. `lines` is Nathan Barry's chunking: drop empty lines, tokenise, concatenate, cut into
 * blocks; `blocks` keeps the lines; `documents` has one text per row, cut or padded. Tokenising pauses every so often, so
 * that a worker can answer and report.
 */

import { dllmTemplate } from '../../checkpoint/chat-template.ts';
import type { ChatTemplate, Tokenizer } from '../../checkpoint/model.ts';
import type { Arch } from '../../model/arch.ts';
import { said } from '../../text/said.ts';
import type { Rows } from '../objectives/objective.ts';
import type { TrainSettings } from '../train-settings.ts';
import { readMessages } from './conversations.ts';
import { dataError } from './problem.ts';

export interface Dataset extends Rows {
  readonly count: number;
  /** Tokens of the texts, before cutting and padding. */
  readonly tokens: number;
  /** The texts fill less than one row of blocks; the rest of it is padding that is not learnt. */
  readonly short?: boolean;
  /** Conversations that were left out, because the question alone fills a row. */
  readonly left?: number;
}

export interface TokeniseOptions {
  readonly signal?: AbortSignal | undefined;
  /** Share of the texts that is done. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

type Shape = Pick<TrainSettings, 'rows' | 'length' | 'padding'> & Partial<Pick<TrainSettings, 'objective' | 'block'>>;

/** Longest stretch of work, milliseconds. */
const SLICE_MS = 40;

/**
 * Rows of `length` tokens. Special tokens are never maskable, but for the end of a document and, if it is to be learnt,
 * its padding. Throws `UnmaskError` code `data` when the texts fill no row, or the signal's reason.
 */
export async function makeDataset(
  texts: readonly string[],
  { tokenizer, arch, chatTemplate = dllmTemplate }: Reader,
  shape: Shape,
  options: TokeniseOptions = {},
): Promise<Dataset> {
  const { length } = shape;
  if (length > arch.maxLength) {
    const message = said`Rows of ${length} tokens are longer than the model reads (${arch.maxLength}).`;
    throw dataError(message, said`Choose a length up to ${arch.maxLength}.`);
  }
  const rows =
    shape.rows === 'chats'
      ? new Chats(shape, arch.ids.pad)
      : shape.rows === 'documents'
        ? new Documents(shape, arch.ids)
        : new Blocks(arch.ids.pad);
  let breathed = performance.now();
  let done = 0;
  for (const text of texts) {
    if (rows instanceof Chats) rows.add(...askedAndWhole(text, tokenizer, chatTemplate));
    const pieces = rows instanceof Chats ? EMPTY : shape.rows === 'lines' ? linesOf(text) : piecesOf(text, tokenizer);
    for (const [piece, ends] of pieces) {
      if (!(rows instanceof Chats) && piece !== '') rows.add(tokenizer.encode(piece), ends);
      if (performance.now() - breathed < SLICE_MS) continue;
      options.onProgress?.(done / texts.length);
      await new Promise((resume) => setTimeout(resume));
      options.signal?.throwIfAborted();
      breathed = performance.now();
    }
    done++;
  }
  options.onProgress?.(1);
  return rows.finish(length, new Set(Object.values(arch.ids).filter((id) => id !== undefined)));
}

/** What reads the texts; a chat template where rows are chats, dLLM's unless told. */
interface Reader {
  readonly tokenizer: Tokenizer;
  readonly arch: Pick<Arch, 'ids' | 'maxLength'>;
  readonly chatTemplate?: ChatTemplate | undefined;
}

/** A conversation (`readMessages`) as tokens: up to where its last answer begins, and whole. */
function askedAndWhole(
  text: string,
  { encode }: Tokenizer,
  template: ChatTemplate,
): [asked: readonly number[], whole: readonly number[]] {
  const messages = readMessages(text);
  return [encode(template.render(messages.slice(0, -1), true)), encode(template.render(messages, false))];
}

/** Nothing but a place to pause at. */
const EMPTY: readonly Piece[] = [['', true]];

/** A part of a text, and whether it is the last. */
type Piece = readonly [text: string, ends: boolean];

/** Characters from which on a text is tokenised in pieces: a tokenizer needs a hundred bytes for each. */
const LONG = 1 << 16;
/**
 * Line ends at which tokenizers that split at white space, as GPT-2's does, cut in any case: between two words, and where
 * the next line begins with the space that belongs to its first word.
 */
const LINE_END = /(?<=\S)\n(?=\S)|\n(?= \S)/g;

/** A long text in pieces whose tokens, one after the other, are those of the whole. */
function* piecesOf(text: string, { encode }: Tokenizer): Generator<Piece> {
  let from = 0;
  while (text.length - from > LONG) {
    LINE_END.lastIndex = from + LONG / 2;
    const end = LINE_END.exec(text);
    if (end === null) break;
    const cut = end.index + 1;
    // Some tokenizers put something in front of every text.
    const [before, after] = [text.slice(cut - 50, cut), text.slice(cut, cut + 50)];
    const whole = encode(before + after).join();
    if (whole !== [...encode(before), ...encode(after)].join()) break;
    yield [text.slice(from, cut), false];
    from = cut;
  }
  yield [text.slice(from), true];
}

/** Lines with their ends, empty ones left out. */
function* linesOf(text: string): Generator<Piece> {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end < 0 ? text.length : end);
    if (line.trim() !== '') yield [`${line}\n`, true];
    from = end < 0 ? text.length : end + 1;
  }
}

/** Ids in one growing array. */
class Tokens {
  ids = new Int32Array(1 << 16);
  size = 0;

  push(tokens: readonly number[]): void {
    if (this.size + tokens.length > this.ids.length) {
      const larger = new Int32Array(Math.ceil(1.5 * (this.size + tokens.length)));
      larger.set(this.ids);
      this.ids = larger;
    }
    this.ids.set(tokens, this.size);
    this.size += tokens.length;
  }
}

class Blocks {
  readonly #tokens = new Tokens();
  readonly #pad: number | undefined;

  constructor(pad: number | undefined) {
    this.#pad = pad;
  }

  add(tokens: readonly number[]): void {
    this.#tokens.push(tokens);
  }

  /** What is left over at the end is dropped; a text shorter than one row is padded. */
  finish(length: number, special: ReadonlySet<number>): Dataset {
    const { ids, size } = this.#tokens;
    const count = Math.floor(size / length);
    if (count === 0) return this.#padded(length, special);
    const kept = ids.slice(0, count * length);
    return {
      ids: kept,
      maskable: Uint8Array.from(kept, (id) => (special.has(id) ? 0 : 1)),
      length,
      count,
      tokens: size,
    };
  }

  #padded(length: number, special: ReadonlySet<number>): Dataset {
    const { ids, size } = this.#tokens;
    if (this.#pad === undefined || size === 0) throw tooShort(size, length);
    const row = new Int32Array(length).fill(this.#pad);
    row.set(ids.subarray(0, size));
    const maskable = Uint8Array.from(row, (id, i) => (i >= size || special.has(id) ? 0 : 1));
    return { ids: row, maskable, length, count: 1, tokens: size, short: true };
  }
}

class Documents {
  readonly #rows = new Tokens();
  /** Of each row: tokens of its text, the end of it included. */
  readonly #sizes = new Tokens();
  /** Of the text that has not ended yet. */
  #kept: number[] = [];
  readonly #length: number;
  readonly #end: number;
  readonly #pad: number;
  readonly #learnt: boolean;
  /** Tokens of a block, of which the end token fills the last. */
  readonly #block: number;
  #tokens = 0;

  constructor({ length, padding, objective, block = 1 }: Shape, { sep, eos, pad }: Arch['ids']) {
    const end = sep ?? eos;
    if (end === undefined || pad === undefined) {
      const message = 'The model has no token that ends or pads a text.';
      throw dataError(message, 'Cut the texts into blocks instead.');
    }
    this.#length = length;
    this.#end = end;
    this.#pad = pad;
    this.#learnt = padding === 'learnt';
    // A block is written whole, so the end of a text fills the last one and is learnt (dLLM's AppendEOSBlockWrapper).
    this.#block = objective === 'bd3lm' ? block : 1;
  }

  add(tokens: readonly number[], ends: boolean): void {
    this.#tokens += tokens.length;
    const missing = this.#length - this.#kept.length;
    this.#kept.push(...tokens.slice(0, missing));
    if (!ends) return;
    const ended = this.#kept.length + 1;
    const size = Math.min(Math.ceil(ended / this.#block) * this.#block, this.#length);
    while (this.#kept.length < size) this.#kept.push(this.#end);
    while (this.#kept.length < this.#length) this.#kept.push(this.#pad);
    this.#rows.push(this.#kept);
    this.#sizes.push([size]);
    this.#kept = [];
  }

  finish(length: number, special: ReadonlySet<number>): Dataset {
    const ids = this.#rows.ids.slice(0, this.#rows.size);
    const count = ids.length / length;
    if (count === 0) throw tooShort(0, length);
    const [end, pad] = [this.#end, this.#pad];
    // Special tokens that stand in the text itself are not learnt.
    const isText = (i: number) => i % length < (this.#sizes.ids[Math.floor(i / length)] as number);
    const maskable = Uint8Array.from(ids, (id, i) => {
      if (special.has(id) && id !== end && id !== pad) return 0;
      return Number(this.#learnt || isText(i));
    });
    return { ids, maskable, length, count, tokens: this.#tokens };
  }
}

/**
 * dLLM's supervised fine-tuning (dllm/utils/data.py): the answer is learnt and what it answers is only read; a row is cut at
 * its right end, and one whose question alone fills it is left out. The padding behind it is seen, and learnt, where that
 * is asked for: so the model learns to stop.
 */
class Chats {
  readonly #rows = new Tokens();
  /** Of each row: where its answer begins, and where it ends. */
  readonly #answers: (readonly [from: number, to: number])[] = [];
  readonly #length: number;
  readonly #pad: number;
  readonly #learnt: boolean;
  #tokens = 0;
  #left = 0;

  constructor({ length, padding }: Shape, pad: number | undefined) {
    if (pad === undefined)
      throw dataError('The model has no token that pads a text.', 'Cut the texts into blocks instead.');
    this.#length = length;
    this.#pad = pad;
    this.#learnt = padding === 'learnt';
  }

  add(asked: readonly number[], whole: readonly number[]): void {
    if (asked.length >= this.#length) {
      this.#left++;
      return;
    }
    this.#tokens += whole.length;
    const row = whole.slice(0, this.#length);
    this.#answers.push([asked.length, row.length]);
    this.#rows.push([...row, ...Array<number>(this.#length - row.length).fill(this.#pad)]);
  }

  finish(length: number): Dataset {
    const count = this.#answers.length;
    if (count === 0) {
      const message = said`No conversation has room for an answer in ${length} tokens.`;
      throw dataError(message, 'Choose longer rows.');
    }
    const maskable = new Uint8Array(count * length);
    for (const [row, [from, to]] of this.#answers.entries()) {
      maskable.fill(1, row * length + from, row * length + (this.#learnt ? length : to));
    }
    return {
      ids: this.#rows.ids.slice(0, count * length),
      maskable,
      length,
      count,
      tokens: this.#tokens,
      left: this.#left,
    };
  }
}

function tooShort(tokens: number, length: number) {
  return dataError(
    said`${tokens} tokens do not fill one row of ${length}.`,
    'Give more text, or choose a shorter length.',
  );
}
