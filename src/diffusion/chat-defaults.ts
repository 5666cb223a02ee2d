/**
 * dLLM's settings for its chat models (examples/bert/chat.py): one token per pass in four blocks, always the likeliest.
 * Everything else stands as in the table.
 */
import { defaultSettings, type Settings } from './settings.ts';

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
} as const satisfies Partial<Settings>;

/** What the settings of a mode are before anybody changes them. */
export function defaultsOf(mode: Settings['mode']): Settings {
  return { ...defaultSettings(), ...(mode === 'chat' ? CHAT_DEFAULTS : {}), mode };
}

/** These settings in another mode: each that is as the old mode begins becomes as the new one does. */
export function inMode(settings: Settings, mode: Settings['mode']): Settings {
  const before = defaultsOf(settings.mode);
  const after = defaultsOf(mode);
  const names = Object.keys(CHAT_DEFAULTS) as (keyof typeof CHAT_DEFAULTS)[];
  const unchanged = names.filter((name) => settings[name] === before[name]);
  return { ...settings, ...Object.fromEntries(unchanged.map((name) => [name, after[name]])), mode };
}

/** dLLM trains its chat models on texts of at most so many tokens, question and answer together. */
export const TRAINED_TOKENS = 1024;
