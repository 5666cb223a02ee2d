/**
 * Settings as the query of a link, `v=1&length=32&sampler=random`: everything that differs from its default, in the
 * order of the table, so that equal settings give equal links. A link is never refused: what cannot be read is reported
 * and its default stands.
 */
import { UnmaskError } from './error.ts';
import {
  defaultSettings,
  formatSetting,
  parseSetting,
  SETTING_NAMES,
  SETTINGS,
  type Settings,
  settingOfKey,
} from './settings.ts';

/** Version of the link format. It rises when a key changes its meaning; `parseLink` reads all older versions. */
export const LINK_VERSION = 1;

export interface Link {
  readonly settings: Settings;
  /** What could not be read, one sentence each, in the order of the link. */
  readonly problems: readonly UnmaskError[];
}

/** `hash` may be a whole hash (`#/generate?length=32`) or only its query. */
export function parseLink(hash: string): Link {
  const query = hash.replace(/^[^?=&]*\?/, '').replace(/^#.*/, '');
  const found: Record<string, unknown> = {};
  const problems: UnmaskError[] = [];
  for (const [key, text] of new URLSearchParams(query)) {
    try {
      if (key === 'v') {
        checkVersion(text);
        continue;
      }
      const name = settingOfKey(key);
      if (name === undefined)
        throw problem(`The link has a setting "${key.slice(0, 40)}" that this program does not know.`);
      if (name in found) throw problem(`The link gives ${key} twice; the first value is used.`);
      found[name] = parseSetting(name, text);
    } catch (error) {
      problems.push(UnmaskError.from(error));
    }
  }
  return { settings: { ...defaultSettings(), ...found }, problems };
}

/** The query of a link to these settings, without `?`. */
export function formatLink(settings: Settings): string {
  const query = new URLSearchParams({ v: String(LINK_VERSION) });
  for (const name of SETTING_NAMES) {
    if (settings[name] !== SETTINGS[name].default) query.set(SETTINGS[name].key, formatSetting(name, settings[name]));
  }
  return query.toString();
}

function checkVersion(text: string): void {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw problem(`The link's version "${text.slice(0, 40)}" is not a number.`);
  if (Number(text) > LINK_VERSION) {
    throw problem(`The link was made by a newer version of this program (${text}); some settings may be lost.`);
  }
}

function problem(message: string): UnmaskError {
  return new UnmaskError({
    code: 'settings',
    message,
    remedy: 'The other settings of the link are used; check them before you start.',
  });
}
