/**
 * A lesson in a link: which groups of controls are hidden (`hide=model.device`) or locked (`lock=chance`), which settings of
 * those are left free all the same (`free=seed`), whether one question is asked before and after (`ask=1`),
 * and a text above the canvas (`say=…`). Beside it stand the language (`lang=zh-Hans`) and whether a run starts by itself (`play=1`), which
 * links without a lesson may have as well. A lesson helps to look at one thing at a time; it protects nothing.
 */
import { readPairs } from '../../diffusion/link-text.ts';
import { SETTING_GROUPS, SETTING_NAMES, SETTINGS, type SettingName } from '../../diffusion/settings.ts';
import { isLanguage, type Language } from '../messages/languages.ts';

/** Controls as a teacher thinks of them: those of settings, and others. Their names in the dialog are `m.classroom.groups`. */
export const GROUPS = [...SETTING_GROUPS, 'steer', 'files', 'device', 'views'] as const;
export type Group = (typeof GROUPS)[number];

export interface Lesson {
  readonly hidden: readonly Group[];
  readonly locked: readonly Group[];
  /** Settings of those groups that are neither. */
  readonly free: readonly SettingName[];
  /** One question before and after the hour (`asked.ts`). */
  readonly asks: boolean;
  /** Shown as it is, never as markup; empty for none. */
  readonly text: string;
}

/** What a link says to the page besides what its view shows. */
export interface Wishes {
  readonly lesson: Lesson | undefined;
  readonly language: Language | undefined;
  /** The run starts by itself once its model is there. */
  readonly plays: boolean;
}

/** What of a link's wishes could not be used; `m.links.problem` says it. */
export interface Problem {
  readonly kind: 'groups' | 'text' | 'language' | 'play' | 'view';
  /** What stood there, cut short. */
  readonly found: string;
}

export const LONGEST_TEXT = 400;

export function formatWishes({ lesson, language, plays }: Wishes): [string, string][] {
  const pairs: [string, string][] = [
    ['lang', language ?? ''],
    ['hide', lesson?.hidden.join('.') ?? ''],
    ['lock', lesson?.locked.join('.') ?? ''],
    ['free', lesson?.free.join('.') ?? ''],
    ['ask', lesson?.asks ? '1' : ''],
    ['say', lesson?.text ?? ''],
    ['play', plays ? '1' : ''],
  ];
  return pairs.filter(([, text]) => text !== '');
}

/** Never throws. */
export function parseWishes(query: string): { readonly wishes: Wishes; readonly problems: readonly Problem[] } {
  const given = new Map(readPairs(query).pairs.toReversed());
  const problems: Problem[] = [];
  const wrong = (kind: Problem['kind'], found: string) => problems.push({ kind, found: found.slice(0, 40) });
  const among = <T extends string>(key: string, all: readonly T[]): T[] => {
    const names = new Set((given.get(key) ?? '').split('.').filter((name) => name !== ''));
    const known = all.filter((name) => names.delete(name));
    if (names.size > 0) wrong('groups', [...names].join('.'));
    return known;
  };
  const hidden = among('hide', GROUPS);
  const locked = among('lock', GROUPS).filter((group) => !hidden.includes(group));
  const ruled = [...hidden, ...locked];
  const free = among('free', SETTING_NAMES).filter((name) => ruled.includes(SETTINGS[name].group));
  const said = Array.from(plain(given.get('say') ?? ''));
  if (said.length > LONGEST_TEXT) wrong('text', '');
  const text = said.slice(0, LONGEST_TEXT).join('').trim();
  const asked = given.get('lang') ?? null;
  const language = isLanguage(asked) ? asked : undefined;
  if (asked !== null && !language) wrong('language', asked);
  const play = given.get('play');
  if (play !== undefined && play !== '1' && play !== '0') wrong('play', play);
  const asks = given.get('ask') === '1';
  const lesson = ruled.length > 0 || text !== '' || asks ? { hidden, locked, free, asks, text } : undefined;
  return { wishes: { lesson, language, plays: play === '1' }, problems };
}

/** Without control characters but line ends, and without those that turn the direction of a text around. */
function plain(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, '');
}
