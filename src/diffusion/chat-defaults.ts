/** What the settings of each mode are before anybody changes them; links and traces say what differs from the table. */
import { defaultSettings, SETTINGS, type Settings } from './settings.ts';
import { CHAT, FIRST, LARGE } from './shipped.ts';

/**
 * Chosen by measurement on the shipped model, so that words are seen to appear anywhere and still read well: `npm run
 * bench:order -- --texts 12`, 64 new tokens, temperature 1, top-p 0.9. Perplexity under the autoregressive twin, entropy in
 * nats, repeated trigrams, and Kendall's tau of place and moment (1 from left to right, 0 in any order):
 *
 *     left to right                                 45    3.24   0.093   1.00
 *     surest first, blocks of 16 (the table)         7.0  3.05   0.148   0.91
 *     surest first, blocks of 32                     6.6  2.92   0.251   0.82
 *     surest first, whole text                       5.9  2.94   0.230   0.61
 *     surest first, whole, order temperature 0.1    10.2  3.06   0.173   0.09   chosen
 *     surest first, whole, order temperature 0.3    14.8  3.27   0.066   0.07
 *     surest first, 32, order temperature 0.1        9.1  3.11   0.148   0.68
 *     surest first, whole, temperature 0.7           4.6  2.73   0.351   0.75
 *
 * Blocks read as a typewriter does; the surest of the whole text says the same again and again. A little chance among the
 * surest places ends both, at half again the perplexity.
 */
const WRITING_DEFAULTS = { block: 0, orderTemperature: 0.1 } as const satisfies Partial<Settings>;

/**
 * By the same measure (`--model tales --texts 20`) more chance makes the larger model say less again, where 64 tokens of 151 hidden
 * stories repeat 0.015 of their trigrams (the first line is of its second edition):
 *
 *     surest first, whole, order temperature 0.1     6.1  3.29   0.087   0.12
 *     surest first, whole, order temperature 0.3    10.8  3.46   0.031   0.07
 *     surest first, whole, order temperature 0.5    13.1  3.44   0.027   0.03   chosen
 */
const LARGE_DEFAULTS = { ...WRITING_DEFAULTS, orderTemperature: 0.5 } as const satisfies Partial<Settings>;

/** What a process that writes block by block, or a cache, begins with: all in one block they would be nothing. */
export const BLOCK = SETTINGS.block.default;

/**
 * dLLM's settings for its chat models (examples/bert/chat.py): one token per pass in four blocks, always the likeliest.
 * Everything else stands as in the table.
 */
export const CHAT_DEFAULTS = {
  length: 128,
  steps: 128,
  block: 32,
  sampler: 'confidence',
  schedule: 'linear',
  temperature: 0,
  topK: 0,
  topP: 1,
  guidance: 0,
  orderTemperature: 0,
} as const satisfies Partial<Settings>;

/**
 * The answers that the small model learnt have at most 47 tokens, and so canvas and blocks are small: what follows the block
 * in which an answer ends is never written.
 */
const TINY_DEFAULTS = { ...CHAT_DEFAULTS, length: 48, steps: 48, block: 16 } as const satisfies Partial<Settings>;

/** A repair takes the likeliest token, not one by chance. */
const EDIT_DEFAULTS = { ...WRITING_DEFAULTS, temperature: 0 } as const satisfies Partial<Settings>;

export function defaultsOf(mode: Settings['mode'], model?: string): Settings {
  const chat = model === CHAT ? TINY_DEFAULTS : CHAT_DEFAULTS;
  const writing = model === LARGE ? LARGE_DEFAULTS : WRITING_DEFAULTS;
  const own = mode === 'chat' ? chat : mode === 'edit' ? EDIT_DEFAULTS : writing;
  return { ...defaultSettings(), ...own, model: FIRST, mode };
}

/** These settings in another mode, and with another model: each that is as the old ones begin becomes as the new ones do. */
export function inMode(settings: Settings, mode: Settings['mode'], model: string = settings.model): Settings {
  const before = defaultsOf(settings.mode, settings.model);
  const after = defaultsOf(mode, model);
  const names = Object.keys({ ...CHAT_DEFAULTS, ...WRITING_DEFAULTS }) as (keyof Settings)[];
  const unchanged = names.filter((name) => settings[name] === before[name]);
  return { ...settings, ...Object.fromEntries(unchanged.map((name) => [name, after[name]])), mode, model };
}

/** dLLM trains its chat models on texts of at most so many tokens, question and answer together. */
export const TRAINED_TOKENS = 1024;
