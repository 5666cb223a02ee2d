/**
 * Text to token ids and back: Hugging Face's own JavaScript tokenizers behind our three-method `Tokenizer`. BPE, WordPiece
 * and Unigram run alike; how a file was padded or cut when it was saved is no part of what it means.
 */

import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers';
import { UnmaskError } from '../diffusion/error.ts';
import { byteNames, textOfBytes } from '../text/bytes.ts';
import { said, type Text } from '../text/said.ts';
import { isObject, type Json, quote } from './damage.ts';
import { guarded } from './guard.ts';
import type { Tokenizer } from './model.ts';

export interface LoadedTokenizer extends Tokenizer {
  /** One more than the largest id. */
  readonly size: number;
  /** Tokens that were added beyond the model's table, each by its text. */
  readonly leftOut: readonly string[];
  /** Id of a token by its exact text, such as `[MASK]`. */
  idOf(token: string): number | undefined;
  /** The exact text of a token. */
  tokenOf(id: number): string | undefined;
}

export interface TokenizerOptions {
  /** Rows of the model's table: tokens that were added beyond it are left out, as it has nothing to say of them. */
  readonly rows?: number | undefined;
  /** A special token that the file does not have. */
  readonly added?: { readonly id: number; readonly content: string } | undefined;
  /** The mask token, which `encode` can read as mere text. */
  readonly mask?: string | undefined;
}

const FILE = 'tokenizer.json';
const MAX_TOKENS = 2 ** 21;
/** Of so many of its own tokens, one at least must come back as it was. */
const SAMPLES = 32;
const KINDS = ['BPE', 'WordPiece', 'Unigram'];

function unusable(message: Text, cause?: unknown) {
  const remedy = 'Download tokenizer.json again, or choose another checkpoint.';
  return new UnmaskError({ code: 'tokenizer', message, remedy, file: FILE }, { cause });
}

/** Builds a tokenizer from a parsed `tokenizer.json`. Throws `UnmaskError` code `tokenizer`. */
export function openTokenizer(stored: unknown, options: TokenizerOptions = {}): LoadedTokenizer {
  if (!isObject(stored)) throw unusable(said`${FILE} must hold an object, but it holds ${quote(stored)}.`);
  const size = checkIds(stored, options.rows);
  checkMerges(stored['model'] as Json);
  const json = { ...stored, added_tokens: addedTokens(stored, options) };
  try {
    const hub = build(json);
    const { mask } = options;
    let blind: HubTokenizer | undefined;
    const withoutMask = () => {
      blind ??= mask === undefined ? hub : build(withoutToken(json, mask));
      return blind;
    };
    const tokenizer = {
      ...wrap(hub, withoutMask, Math.max(size, (options.added?.id ?? -1) + 1), mask),
      leftOut: leftOut(stored, options),
    };
    if (losesText(hub, tokenizer)) throw unusable(said`${FILE} loses text: none of its own tokens comes back.`);
    return tokenizer;
  } catch (cause) {
    throw failed(cause);
  }
}

/** What the library says of a file that it cannot use, or of a text that the file cannot be used for. */
function failed(cause: unknown): UnmaskError {
  if (cause instanceof UnmaskError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return unusable(said`${FILE} cannot be used: ${reason}`, cause);
}

function tried<T>(work: () => T): T {
  try {
    return guarded(work, FILE);
  } catch (cause) {
    throw failed(cause);
  }
}

/** The ids that a file names, by their texts, without building its tokenizer; added tokens win. Throws as it does. */
export function tokensIn(stored: Json): ReadonlyMap<string, number> {
  checkIds(stored);
  const ids = new Map<string, number>();
  for (const [token, id] of vocabularyOf(stored)) ids.set(token as string, id as number);
  for (const { content, id } of (stored['added_tokens'] ?? []) as Added[]) ids.set(content, id);
  return ids;
}

function build(json: Json): HubTokenizer {
  const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
  // Its second file only adds habits that we do not want, such as tidying spaces away on decoding.
  const hub = new HubTokenizer({ ...parts, ...json }, {});
  const model = json['model'] as Json;
  if (model['type'] === 'Unigram' && model['byte_fallback'] === true) spellInBytes(hub);
  return hub;
}

/** What the model calls unknown becomes its bytes, as in the Rust library; the JavaScript one does so for BPE only. */
function spellInBytes(hub: HubTokenizer): void {
  const model = hub.model as unknown as { encode(tokens: string[]): string[]; tokens_to_ids: Map<string, number> };
  const encode = model.encode.bind(model);
  const encoder = new TextEncoder();
  model.encode = (tokens) =>
    encode(tokens).flatMap((token) => {
      if (model.tokens_to_ids.has(token)) return [token];
      const bytes = Array.from(
        encoder.encode(token),
        (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
      );
      return bytes.every((byte) => model.tokens_to_ids.has(byte)) ? bytes : [token];
    });
}

function wrap(
  hub: HubTokenizer,
  withoutMask: () => HubTokenizer,
  size: number,
  mask: string | undefined,
): Omit<LoadedTokenizer, 'leftOut'> {
  const known = (id: number) => hub.id_to_token(id) !== undefined;
  const decode = (ids: readonly number[], keepSpecial: boolean) => {
    const kept = ids.filter(known); // vocabularies are padded; rows without a token have no text
    if (kept.length === 0) return '';
    return hub.decode(kept, { skip_special_tokens: !keepSpecial, clean_up_tokenization_spaces: false });
  };
  const added = hub.get_added_tokens_decoder();
  let before: { readonly id: number; readonly text: string } | undefined;
  /** A token of letters: what is decoded after it shows whether it begins with a space. */
  const anchor = () => {
    before ??= anchorOf(hub, size, (id) => decode([id], true));
    return before;
  };
  const piece = (id: number) => {
    if (!known(id)) return `[${id}]`;
    const token = added.get(id);
    if (token !== undefined) return token.content;
    const { id: first, text } = anchor();
    const both = first < 0 ? '' : decode([first, id], true);
    const read = first >= 0 && both.startsWith(text) ? both.slice(text.length) : decode([id], true);
    return read.includes('\ufffd') ? (bytesIn(hub.id_to_token(id) as string) ?? read) : read;
  };
  return {
    size,
    idOf: (token) => hub.token_to_id(token),
    tokenOf: (id) => hub.id_to_token(id),
    encode(text, { maskAsText = false } = {}) {
      const using = maskAsText && mask !== undefined && text.includes(mask) ? withoutMask() : hub;
      const { ids } = tried(() => using.encode(text, { add_special_tokens: false }));
      const lost = ids.findIndex((id) => !Number.isInteger(id));
      if (lost >= 0) throw unusable(said`The tokenizer has no token for a part of ${quote(text)}.`);
      return ids;
    },
    decode: (ids, options) => tried(() => decode(ids, options?.keepSpecial ?? false)),
    piece,
    opening: openingOf(hub, anchor().text),
  };
}

/** The text of a token that is written in bytes: a letter for each, as GPT-2 has them, or its name, as Llama has it. */
function bytesIn(token: string): string | undefined {
  const named = /^<0x([0-9A-F]{2})>$/.exec(token);
  if (named) return textOfBytes([Number.parseInt(named[1] as string, 16)]);
  const bytes = Array.from(token, (letter) => BYTE_OF_LETTER.get(letter));
  return bytes.every((byte) => byte !== undefined) ? textOfBytes(bytes) : undefined;
}

const BYTE_OF_LETTER: ReadonlyMap<string, number> = new Map(byteNames().map((letter, byte) => [letter, byte]));

/** The special tokens that stand before a text when the library is asked to add those of the file. */
function openingOf(hub: HubTokenizer, text: string): number[] {
  const plain = hub.encode(text, { add_special_tokens: false }).ids;
  const { ids } = hub.encode(text, { add_special_tokens: true });
  const at = plain.length === 0 ? -1 : ids.indexOf(plain[0] as number);
  return ids.slice(0, Math.max(0, at));
}

function anchorOf(hub: HubTokenizer, size: number, decode: (id: number) => string) {
  const added = hub.get_added_tokens_decoder();
  for (let id = 0; id < size; id++) {
    const token = hub.id_to_token(id);
    if (token === undefined || added.has(id) || /^(##|<0x)/.test(token)) continue;
    const text = decode(id);
    if (/^\p{L}+$/u.test(text)) return { id, text };
  }
  return { id: -1, text: '' };
}

/** Whether none of a sample of ordinary tokens is spelt by any tokens that read as it does. */
function losesText(
  hub: HubTokenizer,
  { size, encode, decode }: Pick<LoadedTokenizer, 'size' | 'encode' | 'decode'>,
): boolean {
  const added = hub.get_added_tokens_decoder();
  let tried = 0;
  for (let id = size - 1; id >= 0 && tried < SAMPLES; id--) {
    const token = hub.id_to_token(id);
    // The inside of a word, of which bert-base's last thousand tokens are, is not spelt alone.
    if (added.has(id) || token === undefined || token.startsWith('##')) continue;
    const text = decode([id]).trim();
    if (text === '' || text.includes('\ufffd')) continue;
    tried++;
    try {
      if (decode(encode(text)).trim() === text) return false;
    } catch (error) {
      if (error instanceof UnmaskError && error.code !== 'tokenizer') throw error;
      // no token for a part of it
    }
  }
  return true;
}

interface Added {
  readonly id: number;
  readonly content: string;
}

function addedTokens(json: Json, { rows = MAX_TOKENS, added }: TokenizerOptions): readonly Json[] {
  const stored = (json['added_tokens'] ?? []) as (Json & Added)[];
  const kept = stored.filter(({ id, content }) => id < rows && content !== added?.content);
  return added === undefined ? kept : [...kept, { ...added, special: true, normalized: false }];
}

/** Texts of the added tokens that the table has no row for; a mask token that got a row is not one of them. */
function leftOut(json: Json, { rows = MAX_TOKENS, added }: TokenizerOptions): string[] {
  const stored = (json['added_tokens'] ?? []) as Added[];
  return stored.filter(({ id, content }) => id >= rows && content !== added?.content).map(({ content }) => content);
}

/** The same file where one special token is text like any other. */
function withoutToken(json: Json, token: string): Json {
  const model = json['model'] as Json;
  const { vocab } = model;
  // Ids of a list are places in it.
  const rest = Array.isArray(vocab)
    ? vocab.map((entry: readonly [string, number]) => (entry[0] === token ? ['\u0000', entry[1]] : entry))
    : Object.fromEntries(Object.entries(vocab as Json).filter(([each]) => each !== token));
  const added = (json['added_tokens'] as Added[]).filter(({ content }) => content !== token);
  return { ...json, added_tokens: added, model: { ...model, vocab: rest } };
}

function vocabularyOf(json: Json): readonly (readonly [unknown, unknown])[] {
  const model = json['model'];
  if (!isObject(model)) throw unusable(said`${FILE} has no model.`);
  const { type, vocab, merges } = model;
  if (type !== undefined && !KINDS.includes(type as string)) {
    throw unusable(said`${FILE} holds a ${quote(type)} model; Unmask reads BPE, WordPiece and Unigram.`);
  }
  if (Array.isArray(vocab) && (type === 'Unigram' || type === undefined)) {
    return vocab.map((entry: unknown, id) => {
      if (Array.isArray(entry) && typeof entry[1] === 'number') return [entry[0], id] as const;
      throw unusable(said`The vocabulary of ${FILE} holds ${quote(entry)} instead of a token and its score.`);
    });
  }
  if (!isObject(vocab)) throw unusable(said`${FILE} has no vocabulary.`);
  if (type !== 'WordPiece' && !Array.isArray(merges)) throw unusable(said`${FILE} has no vocabulary or no merges.`);
  return Object.entries(vocab);
}

/**
 * As the Rust library reads them: all are pairs, or all texts of two parts with one space between (and a line that begins
 * with #version); both parts and what they make are tokens. The JavaScript one takes the first two parts of three.
 */
function checkMerges({ vocab, merges, continuing_subword_prefix: prefix }: Json): void {
  if (!Array.isArray(merges) || !isObject(vocab)) return;
  const inside = typeof prefix === 'string' ? prefix : '';
  const legacy = typeof merges[0] === 'string';
  for (const merge of merges as readonly unknown[]) {
    if (legacy && typeof merge === 'string' && merge.startsWith('#version')) continue;
    const parts: unknown = legacy && typeof merge === 'string' ? merge.split(' ') : merge;
    const [first, second]: readonly unknown[] = Array.isArray(parts) && parts.length === 2 ? parts : [];
    if (typeof first !== 'string' || typeof second !== 'string' || legacy !== (typeof merge === 'string'))
      throw unusable(said`The merges of ${FILE} hold ${quote(merge)} instead of two tokens.`);
    const made = first + (second.startsWith(inside) ? second.slice(inside.length) : second);
    const missing = [first, second, made].find((token) => !Object.hasOwn(vocab, token));
    if (missing !== undefined)
      throw unusable(said`The merges of ${FILE} name ${quote(missing)}, which its vocabulary lacks.`);
  }
}

/** Every id a whole number, none absurd, none of the vocabulary beyond the table; returns one more than the largest. */
function checkIds(json: Json, rows = MAX_TOKENS): number {
  const added = json['added_tokens'] ?? [];
  if (!Array.isArray(added)) throw unusable(said`added_tokens of ${FILE} is ${quote(added)} instead of a list.`);
  let largest = -1;
  const check = (token: unknown, id: unknown) => {
    const right =
      typeof token === 'string' && Number.isInteger(id) && (id as number) >= 0 && (id as number) < MAX_TOKENS;
    if (!right || token === '') throw unusable(said`${FILE} gives token ${quote(token)} the id ${quote(id)}.`);
    return id as number;
  };
  const own = new Set(added.map((token: unknown) => (isObject(token) ? token['content'] : undefined)));
  for (const [token, id] of vocabularyOf(json)) {
    if (check(token, id) >= rows && own.has(token)) continue;
    largest = Math.max(largest, id as number);
  }
  for (const token of added as unknown[]) {
    if (!isObject(token)) throw unusable(said`added_tokens of ${FILE} holds ${quote(token)}.`);
    const id = check(token['content'], token['id']);
    if (id < rows) largest = Math.max(largest, id);
  }
  if (largest < 0) throw unusable(said`The vocabulary of ${FILE} is empty.`);
  if (largest < rows) return largest + 1;
  const message = said`${FILE} has ids up to ${largest}, but the model knows ${rows} tokens.`;
  throw new UnmaskError({ code: 'tokenizer', message, remedy: 'Use the tokenizer of this very model.', file: FILE });
}
