/**
 * From texts to rows of token ids. `lines` is Nathan Barry's chunking: drop empty lines, tokenise, concatenate, cut into
 * blocks; `blocks` keeps the lines; `documents` has one text per row, cut or padded. Tokenising pauses every so often, so
 * that a worker can answer and report.
 */
import type { ModelConfig, Tokenizer } from '../../checkpoint/model.ts';
import type { Rows } from '../objectives/objective.ts';
import type { TrainSettings } from '../train-settings.ts';
import { dataError } from './problem.ts';

export interface Dataset extends Rows {
  readonly count: number;
  /** Tokens of the texts, before cutting and padding. */
  readonly tokens: number;
}

export interface TokeniseOptions {
  readonly signal?: AbortSignal | undefined;
  /** Share of the texts that is done. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

type Shape = Pick<TrainSettings, 'rows' | 'length' | 'padding'>;

/** Longest stretch of work, milliseconds. */
const SLICE_MS = 40;

/**
 * Rows of `length` tokens. Special tokens are never maskable, but for the end of a document and, if it is to be learnt,
 * its padding. Throws `UnmaskError` code `data` when the texts fill no row, or the signal's reason.
 */
export async function makeDataset(
  texts: readonly string[],
  { tokenizer, config }: { readonly tokenizer: Tokenizer; readonly config: Pick<ModelConfig, 'ids' | 'maxLength'> },
  shape: Shape,
  options: TokeniseOptions = {},
): Promise<Dataset> {
  const { length } = shape;
  if (length > config.maxLength) {
    const message = `Rows of ${length} tokens are longer than the model reads (${config.maxLength}).`;
    throw dataError(message, `Choose a length up to ${config.maxLength}.`);
  }
  const units = shape.rows === 'lines' ? texts.flatMap(linesOf) : texts;
  const rows = shape.rows === 'documents' ? new Documents(shape, config.ids) : new Blocks();
  let breathed = performance.now();
  for (const [index, text] of units.entries()) {
    rows.add(tokenizer.encode(text));
    if (performance.now() - breathed < SLICE_MS) continue;
    options.onProgress?.(index / units.length);
    await new Promise((resume) => setTimeout(resume));
    options.signal?.throwIfAborted();
    breathed = performance.now();
  }
  options.onProgress?.(1);
  return rows.finish(length, new Set(Object.values(config.ids).filter((id) => id !== undefined)));
}

/** Lines with their ends, empty ones left out. */
function linesOf(text: string): string[] {
  const lines = text.split(/(?<=\n)/).filter((line) => line.trim() !== '');
  return lines.map((line) => (line.endsWith('\n') ? line : `${line}\n`));
}

/** Ids in one growing array. */
class Tokens {
  ids = new Int32Array(1 << 16);
  size = 0;

  push(tokens: readonly number[]): void {
    if (this.size + tokens.length > this.ids.length) {
      const larger = new Int32Array(2 * (this.size + tokens.length));
      larger.set(this.ids);
      this.ids = larger;
    }
    this.ids.set(tokens, this.size);
    this.size += tokens.length;
  }
}

class Blocks {
  readonly #tokens = new Tokens();

  add(tokens: readonly number[]): void {
    this.#tokens.push(tokens);
  }

  /** What is left over at the end is dropped. */
  finish(length: number, special: ReadonlySet<number>): Dataset {
    const { ids, size } = this.#tokens;
    const count = Math.floor(size / length);
    if (count === 0) throw tooShort(size, length);
    const kept = ids.slice(0, count * length);
    return {
      ids: kept,
      maskable: Uint8Array.from(kept, (id) => (special.has(id) ? 0 : 1)),
      length,
      count,
      tokens: size,
    };
  }
}

class Documents {
  readonly #rows = new Tokens();
  readonly #maskable: number[] = [];
  readonly #length: number;
  readonly #end: number;
  readonly #pad: number;
  readonly #learnt: boolean;
  #tokens = 0;

  constructor({ length, padding }: Shape, { sep, eos, pad }: ModelConfig['ids']) {
    const end = sep ?? eos;
    if (end === undefined || pad === undefined) {
      const message = 'The model has no token that ends or pads a text.';
      throw dataError(message, 'Cut the texts into blocks instead.');
    }
    this.#length = length;
    this.#end = end;
    this.#pad = pad;
    this.#learnt = padding === 'learnt';
  }

  add(tokens: readonly number[]): void {
    this.#tokens += tokens.length;
    const kept = tokens.slice(0, this.#length);
    const missing = this.#length - kept.length;
    if (missing > 0) kept.push(this.#end, ...new Array<number>(missing - 1).fill(this.#pad));
    this.#rows.push(kept);
    const text = this.#length - Math.max(0, missing - 1);
    for (let i = 0; i < this.#length; i++) this.#maskable.push(i < text || this.#learnt ? 1 : 0);
  }

  finish(length: number, special: ReadonlySet<number>): Dataset {
    const ids = this.#rows.ids.slice(0, this.#rows.size);
    const count = ids.length / length;
    if (count === 0) throw tooShort(0, length);
    const [end, pad] = [this.#end, this.#pad];
    // Special tokens that stand in the text itself are not learnt.
    const maskable = Uint8Array.from(ids, (id, i) =>
      special.has(id) && id !== end && id !== pad ? 0 : (this.#maskable[i] as number),
    );
    return { ids, maskable, length, count, tokens: this.#tokens };
  }
}

function tooShort(tokens: number, length: number) {
  return dataError(`${tokens} tokens do not fill one row of ${length}.`, 'Give more text, or choose a shorter length.');
}
