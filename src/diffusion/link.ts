/**
 * Settings as the query of a link, `v=2&length=32&sampler=random`: everything that differs from its default, in the
 * order of the table, so that equal settings give equal links. A link may also carry a moment of a run (`link-moment.ts`)
 * and, for the page, its language and a lesson. A link is never refused: what cannot be read is reported and its default
 * stands.
 *
 * Version 1 had settings only. Version 2 adds the commit of a hub model (`model=owner/name@commit`) and moments.
 */
import { UnmaskError } from './error.ts';
import { formatMoment, type LinkedMoment, MOMENT_KEYS, parseMoment } from './link-moment.ts';
import { parseModel } from './model-id.ts';
import {
  defaultSettings,
  formatSetting,
  parseSetting,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type Settings,
  settingOfKey,
} from './settings.ts';

/** Version of the link format. It rises when links say more or otherwise; `parseLink` reads all older versions. */
export const LINK_VERSION = 2;

/** Characters of a whole link that mail, chats and browsers pass on unharmed. Longer ones are not offered. */
export const MOST_LINK = 8000;
/** Characters of a query that are read at all. */
const MOST_READ = 1_000_000;

/** Of the page alone, in the links of all views: its language, and a lesson. They change no text that is written. */
export const PAGE_KEYS = ['lang', 'hide', 'lock', 'say', 'play'] as const;

export interface Link {
  readonly settings: Settings;
  /** Commit of a hub model, in full or its first digits. */
  readonly revision?: string;
  /** The moment of a run that the link shows; without one it is a link to settings. */
  readonly moment?: LinkedMoment;
  /** What could not be read, one sentence each, in the order of the link. */
  readonly problems: readonly UnmaskError[];
}

/** `hash` may be a whole hash (`#/generate?length=32`) or only its query. */
export function parseLink(hash: string): Link {
  const found: Partial<Record<SettingName, Settings[SettingName]>> = {};
  const moment: [string, string][] = [];
  let revision: string | undefined;
  const problems = readQuery(hash.replace(/^[^?=&]*\?/, '').replace(/^#.*/, ''), (key, text) => {
    const name = settingOfKey(key);
    if (name === 'model') {
      const model = parseModel(text);
      if (!model) throw linkProblem(`"${text.slice(0, 80)}" is not the name of a model.`);
      found.model = parseSetting('model', model.model);
      revision = model.revision;
    } else if (name !== undefined) found[name] = parseSetting(name, text);
    else if (MOMENT_KEYS.some((one) => one === key)) moment.push([key, text]);
    else return false;
    return true;
  });
  const settings = { ...defaultSettings(), ...found } as Settings;
  const shown = parseMoment(moment, settings);
  return {
    settings,
    ...(revision === undefined ? {} : { revision }),
    ...(shown.moment === undefined ? {} : { moment: shown.moment }),
    problems: [...problems, ...shown.problems],
  };
}

/** The query of a link to these settings, and to a moment of a run made with them, without `?`. */
export function formatLink(settings: Settings, { revision, moment }: Pick<Link, 'revision' | 'moment'> = {}): string {
  const query = new URLSearchParams({ v: String(LINK_VERSION) });
  for (const name of SETTING_NAMES) {
    const text = formatSetting(name, settings[name]);
    const pinned = name === 'model' && revision !== undefined;
    if (pinned) query.set(SETTINGS.model.key, `${text}@${revision}`);
    else if (settings[name] !== SETTINGS[name].default) query.set(SETTINGS[name].key, text);
  }
  for (const [key, text] of moment ? formatMoment(moment, settings) : []) query.append(key, text);
  return query.toString();
}

/**
 * Goes through a query. Its version and what concerns the whole page are seen to here; `take` gets everything else once
 * and throws what cannot be used, or returns false for a key that it does not know. Returns what could not be used.
 */
export function readQuery(query: string, take: (key: string, text: string) => boolean): UnmaskError[] {
  if (query.length > MOST_READ) return [linkProblem(`The link has more than ${MOST_READ} characters; it is not read.`)];
  const problems: UnmaskError[] = [];
  const seen = new Set<string>();
  for (const [key, text] of new URLSearchParams(query)) {
    try {
      if (PAGE_KEYS.some((one) => one === key)) continue;
      if (key === 'v') checkVersion(text);
      else if (seen.has(key)) throw linkProblem(`The link gives ${key.slice(0, 40)} twice; the first value is used.`);
      else if (take(key, text)) seen.add(key);
      else throw linkProblem(`The link has a setting "${key.slice(0, 40)}" that this program does not know.`);
    } catch (error) {
      problems.push(UnmaskError.from(error));
    }
  }
  return problems;
}

function checkVersion(text: string): void {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw linkProblem(`The link's version "${text.slice(0, 40)}" is not a number.`);
  if (Number(text) > LINK_VERSION) {
    throw linkProblem(`The link was made by a newer version of this program (${text}); some settings may be lost.`);
  }
}

export function linkProblem(message: string): UnmaskError {
  return new UnmaskError({
    code: 'settings',
    message,
    remedy: 'The other settings of the link are used; check them before you start.',
  });
}
