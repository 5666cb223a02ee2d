/**
 * Settings as the query of a link, `v=3&check=2-…&length=32&sampler=random`: everything that differs from its default, in
 * the order of the table, so that equal settings give equal links. A link may also carry a moment of a run
 * (`link-moment.ts`) and, for the page, its language and a lesson. A link is never refused: what cannot be read is
 * reported and its default stands. How it is written so that it survives mail and chats is in `link-text.ts`.
 *
 * Version 1 had settings only. Version 2 adds the commit of a hub model (`model=owner/name@commit`) and moments. Version
 * 3 adds the check and writes spaces as `%20`.
 */
import { said } from '../text/said.ts';
import { defaultsOf } from './chat-defaults.ts';
import type { UnmaskError } from './error.ts';
import { formatMoment, type LinkedMoment, MOMENT_KEYS, parseMoment } from './link-moment.ts';
import { linkProblem, type Pair, readHash, readQuery, writeQuery } from './link-text.ts';
import { parseModel } from './model-id.ts';
import { MISTAKEN } from './openings.ts';
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
import { CHAT, EDITOR } from './shipped.ts';

/**
 * Of the page alone, in the links of all views: its language, a lesson, and a text to be learnt first. They change nothing of
 * what the settings say.
 */
export const PAGE_KEYS = ['lang', 'hide', 'lock', 'free', 'ask', 'say', 'play', 'teach'] as const;

export interface Link {
  readonly settings: Settings;
  /** Commit of a hub model, in full or its first digits. */
  readonly revision?: string;
  /** The moment of a run that the link shows; without one it is a link to settings. */
  readonly moment?: LinkedMoment;
  /** What could not be read, one sentence each, in the order of the link. */
  readonly problems: readonly UnmaskError[];
}

/**
 * `hash` may be a whole hash (`#/generate?length=32`) or only its query. `more` takes the keys that a view has beside
 * those of the settings, and throws what cannot be used.
 */
export function parseLink(hash: string, more: Readonly<Record<string, (text: string) => void>> = {}): Link {
  const found: Partial<Record<SettingName, Settings[SettingName]>> = {};
  const moment: [string, string][] = [];
  let revision: string | undefined;
  const { version, problems } = readQuery(readHash(hash).query, PAGE_KEYS, (key, text) => {
    const name = settingOfKey(key);
    if (Object.hasOwn(more, key)) more[key]?.(text);
    else if (name === 'model') {
      const model = parseModel(text);
      if (!model) throw linkProblem(said`"${text.slice(0, 80)}" is not the name of a model.`);
      found.model = parseSetting('model', model.model);
      revision = model.revision;
    } else if (name !== undefined) found[name] = parseSetting(name, text);
    else if (MOMENT_KEYS.some((one) => one === key)) moment.push([key, text]);
    else return false;
    return true;
  });
  const begins =
    version === undefined && asksForChat(found)
      ? chatBegins()
      : asksForEdits(found)
        ? { ...defaultsOf('edit'), prompt: MISTAKEN }
        : defaultSettings();
  const settings = { ...begins, ...found } as Settings;
  const shown = parseMoment(moment, settings);
  return {
    settings,
    ...(revision === undefined ? {} : { revision }),
    ...(shown.moment === undefined ? {} : { moment: shown.moment }),
    problems: [...problems, ...shown.problems],
  };
}

/** Of a link by hand: one that the page wrote means what its version meant, and names the model of a chat. */
const asksForChat = ({ mode, model }: Partial<Record<SettingName, unknown>>) =>
  model === CHAT ? mode === undefined : mode === 'chat' && model === undefined;

/** The model that repairs texts can do nothing else, so that a link which names it alone is about that, whatever its version. */
const asksForEdits = ({ mode, model, process }: Partial<Record<SettingName, unknown>>) =>
  model === EDITOR && mode === undefined && process !== 'edits';

const chatBegins = (): Settings => ({ ...defaultsOf('chat', CHAT), model: CHAT, prompt: '' });

/** The query of a link to these settings, and to a moment of a run made with them, without `?`. */
export function formatLink(
  settings: Settings,
  { revision, moment }: Pick<Link, 'revision' | 'moment'> = {},
  more: readonly Pair[] = [],
): string {
  const pairs: Pair[] = [];
  for (const name of SETTING_NAMES) {
    const text = formatSetting(name, settings[name]);
    const pinned = name === 'model' && revision !== undefined;
    if (pinned) pairs.push([SETTINGS.model.key, `${text}@${revision}`]);
    else if (settings[name] !== SETTINGS[name].default || (name === 'model' && settings.mode === 'chat'))
      pairs.push([SETTINGS[name].key, text]);
  }
  return writeQuery([...pairs, ...(moment ? formatMoment(moment, settings) : []), ...more]);
}
