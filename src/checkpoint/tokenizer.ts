/**
 * Text to token ids and back: Hugging Face's own JavaScript tokenizers behind our three-method `Tokenizer`.
 * ModernBERT's and ours are byte-level BPE, so every text can be encoded and comes back as its NFC form.
 */
import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers';
import { UnmaskError } from '../diffusion/error.ts';
import { isObject, type Json, quote } from './damage.ts';
import type { Tokenizer } from './model.ts';

export interface LoadedTokenizer extends Tokenizer {
  /** One more than the largest id. */
  readonly size: number;
  /** Id of a token by its exact text, such as `[MASK]`. */
  idOf(token: string): number | undefined;
  /** Id of the one special token that is called mask, as in `<mask>` or `<|mask|>`; undefined when there is none, or several. */
  readonly maskLike: number | undefined;
}

const FILE = 'tokenizer.json';
const MAX_TOKENS = 2 ** 21;
/** Every tokenizer of this kind can spell it, those that know lower case only, too. */
const SAMPLE = 'a small fox';

function unusable(message: string, cause?: unknown) {
  const remedy = 'Download tokenizer.json again, or choose another checkpoint.';
  return new UnmaskError({ code: 'tokenizer', message, remedy, file: FILE }, { cause });
}

/** Builds a tokenizer from a parsed `tokenizer.json`. Throws `UnmaskError` code `tokenizer`. */
export function openTokenizer(json: unknown): LoadedTokenizer {
  if (!isObject(json)) throw unusable(`${FILE} must hold an object, but it holds ${quote(json)}.`);
  const size = checkIds(json);
  const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
  try {
    // Its second file only adds habits that we do not want, such as tidying spaces away on decoding.
    const hub = new HubTokenizer({ ...parts, ...json }, {});
    const tokenizer = wrap(hub, size, maskLike(json));
    if (tokenizer.decode(tokenizer.encode(SAMPLE)).trim() !== SAMPLE) {
      throw unusable(`${FILE} loses text: it cannot even spell "${SAMPLE}".`);
    }
    return tokenizer;
  } catch (cause) {
    if (cause instanceof UnmaskError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unusable(`${FILE} cannot be used: ${reason}`, cause);
  }
}

function wrap(hub: HubTokenizer, size: number, mask: number | undefined): LoadedTokenizer {
  const known = (id: number) => hub.id_to_token(id) !== undefined;
  const decode = (ids: readonly number[], keepSpecial: boolean) => {
    const kept = ids.filter(known); // vocabularies are padded; rows without a token have no text
    if (kept.length === 0) return '';
    return hub.decode(kept, { skip_special_tokens: !keepSpecial, clean_up_tokenization_spaces: false });
  };
  return {
    size,
    maskLike: mask,
    idOf: (token) => hub.token_to_id(token),
    encode(text) {
      const { ids } = hub.encode(text, { add_special_tokens: false });
      const lost = ids.findIndex((id) => !Number.isInteger(id));
      if (lost >= 0) throw unusable(`The tokenizer has no token for a part of ${quote(text)}.`);
      return ids;
    },
    decode: (ids, options) => decode(ids, options?.keepSpecial ?? false),
    piece: (id) => (known(id) ? decode([id], true) : `[${id}]`),
  };
}

function maskLike(json: Json): number | undefined {
  const added = Array.isArray(json['added_tokens']) ? json['added_tokens'].filter(isObject) : [];
  const named = added.filter(
    ({ special, content }) => special === true && /^\W*(?:mdm_)?mask\W*$/i.test(String(content)),
  );
  return named.length === 1 ? (named[0]?.['id'] as number) : undefined;
}

/** Every id a whole number, none absurd; returns one more than the largest. */
function checkIds(json: Json): number {
  const model = json['model'];
  if (!isObject(model)) throw unusable(`${FILE} has no model.`);
  if (model['type'] !== undefined && model['type'] !== 'BPE') {
    throw unusable(`${FILE} holds a ${quote(model['type'])} model; ModernBERT's tokenizers are BPE.`);
  }
  const { vocab, merges } = model as { vocab?: unknown; merges?: unknown };
  if (!isObject(vocab) || !Array.isArray(merges)) throw unusable(`${FILE} has no vocabulary or no merges.`);
  const added = json['added_tokens'] ?? [];
  if (!Array.isArray(added)) throw unusable(`added_tokens of ${FILE} is ${quote(added)} instead of a list.`);
  let largest = -1;
  const check = (token: unknown, id: unknown) => {
    if (
      typeof token !== 'string' ||
      token === '' ||
      !Number.isInteger(id) ||
      (id as number) < 0 ||
      (id as number) >= MAX_TOKENS
    ) {
      throw unusable(`${FILE} gives token ${quote(token)} the id ${quote(id)}.`);
    }
    largest = Math.max(largest, id as number);
  };
  for (const [token, id] of Object.entries(vocab)) check(token, id);
  for (const token of added as unknown[]) {
    if (!isObject(token)) throw unusable(`added_tokens of ${FILE} holds ${quote(token)}.`);
    check(token['content'], token['id']);
  }
  if (largest < 0) throw unusable(`The vocabulary of ${FILE} is empty.`);
  return largest + 1;
}
