/** `config.json` of a model: what network it describes. */
import { type Described, readConfig } from '../model/families/index.ts';
import { Refusal } from '../model/refusal.ts';
import { damaged, parseObject } from './damage.ts';

export const CONFIG_FILE = 'config.json';

/** Parses the bytes of a `config.json`. Throws `UnmaskError` code `checkpoint`. */
export function parseConfig(bytes: Uint8Array): Described {
  const json = parseObject(CONFIG_FILE, bytes);
  try {
    return readConfig(json);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    throw damaged(CONFIG_FILE, cause.text, { remedy: cause.remedy, cause });
  }
}
