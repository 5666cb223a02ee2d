/**
 * Which tokens have a meaning of their own, from any of the files that say so: tokenizer_config.json,
 * special_tokens_map.json, added_tokens.json, config.json's ids, generation_config.json's, and the tokens of tokenizer.json
 * themselves.
 */
import type { Arch, SpecialIds } from '../model/arch.ts';
import { isObject, type Json } from './damage.ts';

export interface SpecialFiles {
  /** tokenizer_config.json, or nothing. */
  readonly habits: Json;
  /** special_tokens_map.json, or nothing. */
  readonly map: Json;
  /** added_tokens.json: texts to ids. */
  readonly added: Json;
  /** generation_config.json, or nothing. */
  readonly generation: Json;
}

export interface SpecialTokens {
  /** Text by name, such as `eos_token`: what chat templates are given. */
  readonly texts: Readonly<Record<string, string>>;
  readonly mask: { readonly id: number; readonly text: string } | undefined;
  /** The mask token is not in tokenizer.json, and is to be added. */
  readonly isNew: boolean;
  /** Ids at which transformers' `generate` stops. */
  readonly ends: readonly number[];
}

const NAMES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

/** Ids that a generation_config.json may name; published ones name up to three. */
const MOST_ENDS = 64;

/** `[MASK]`, `<mask>`, `<|mask|>`, `<|mdm_mask|>` and the like. */
const MASK = /^[[<|]+(mdm_)?mask[\]>|]+$/i;

/**
 * `ids`: of the texts in tokenizer.json. dLLM gives the models that it converts, whose tokenizers have no mask, the token
 * `<|mask|>` under the next free id (dllm/utils/models.py).
 */
export function specialTokens(
  { habits, map, added, generation }: SpecialFiles,
  ids: ReadonlyMap<string, number>,
  { arch, modelType }: { readonly arch: Arch; readonly modelType: string },
): SpecialTokens {
  const texts: Record<string, string> = {};
  for (const name of NAMES) {
    const text = textOf(habits[name]) ?? textOf(map[name]);
    if (text !== undefined) texts[name] = text;
  }
  const inTable = (id: unknown): id is number =>
    Number.isInteger(id) && (id as number) >= 0 && (id as number) < arch.vocab;
  const idOf = (text: string) => ids.get(text) ?? (added[text] as number | undefined);
  const textById = (wanted: number) => [...ids].find(([, id]) => id === wanted)?.[0];
  const found = (text: string | undefined) => {
    const id = text === undefined ? undefined : idOf(text);
    return text !== undefined && inTable(id) ? { id, text } : undefined;
  };
  const byId = (id: number | undefined) => {
    const text = id === undefined ? undefined : (textById(id) ?? texts['mask_token'] ?? '<|mask|>');
    return id === undefined || text === undefined ? undefined : { id, text };
  };
  const like = [...ids.keys(), ...Object.keys(added)].find((text) => MASK.test(text) && inTable(idOf(text)));
  let mask = found(texts['mask_token']) ?? byId(arch.ids.mask) ?? found(like);
  if (mask === undefined && modelType.startsWith('a2d-')) {
    const next = 1 + [...ids.values()].reduce((most, id) => Math.max(most, id), -1);
    if (inTable(next)) mask = { id: next, text: '<|mask|>' };
  }
  if (mask !== undefined) texts['mask_token'] = mask.text;
  const stored = generation['eos_token_id'];
  const ends = (Array.isArray(stored) ? stored : [stored]).slice(0, MOST_ENDS).filter(inTable);
  return { texts, mask, isNew: mask !== undefined && ids.get(mask.text) !== mask.id, ends };
}

/** The network's ids of special tokens as its tokenizer has them, because typed text uses those. */
export function idsOf(
  arch: Arch,
  { texts, mask, ends }: SpecialTokens,
  idOf: (text: string) => number | undefined,
  chat: boolean,
): SpecialIds {
  const { ids } = arch;
  const named = (name: string) => {
    const id = texts[name] === undefined ? undefined : idOf(texts[name]);
    return id !== undefined && id < arch.vocab ? id : undefined;
  };
  return {
    ...ids,
    mask: mask?.id,
    pad: ids.pad ?? named('pad_token'),
    // A chat's answer ends where its tokenizer says. ModernBERT's names no end token, and dLLM then pads (get_tokenizer),
    // whatever config.json calls eos.
    eos: chat ? named('eos_token') : (ids.eos ?? named('eos_token')),
    ...(ends.length > 0 && { ends }),
  };
}

/** `"[MASK]"` or `{ "content": "[MASK]", … }`. */
function textOf(token: unknown): string | undefined {
  const text = isObject(token) ? token['content'] : token;
  return typeof text === 'string' && text !== '' ? text : undefined;
}
