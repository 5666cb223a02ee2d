/**
 * The settings of the next run. The address holds them, so that what is seen can be sent; they are also remembered, for
 * when the page is opened without a link.
 */

import { create } from 'zustand';
import { BLOCK, defaultsOf } from '../../diffusion/chat-defaults.ts';
import { formatLink, parseLink } from '../../diffusion/link.ts';
import type { LinkedMoment } from '../../diffusion/link-moment.ts';
import { SETTING_NAMES, type Settings } from '../../diffusion/settings.ts';
import type { Text } from '../../text/said.ts';
import { settingRule } from './lesson.ts';
import { parseWishes } from './lessonLink.ts';
import { ownAddress } from './ownAddress.ts';
import { usePreferences } from './preferences.ts';
import { recall, remember } from './remember.ts';
import { parseRoute } from './route.ts';
import { followTeach } from './teach.ts';

export interface SettingsState {
  readonly settings: Settings;
  /** What could not be read from the link, one sentence each. */
  readonly problems: readonly Text[];
  /** The settings came with a link, and nothing has been generated or changed since. */
  readonly linked: boolean;
  /** Commit that the link names for its model. */
  readonly revision: string | undefined;
  /** The moment of a run that the link shows, until it is made again. */
  readonly moment: LinkedMoment | undefined;
  /** The link wants its run to start by itself. */
  readonly plays: boolean;
  /** Somebody chose the seed, by hand or by a link, and nothing has been generated with it since. */
  readonly seedChosen: boolean;
}

/** What is over once the link has been followed, or something else was wished for. */
const DONE = { linked: false, moment: undefined, plays: false };
const NOT_LINKED = { ...DONE, problems: [], revision: undefined, seedChosen: false };

/** The query of the last link that was followed. */
let followed: string | undefined;

export const useSettings = create<SettingsState>(() => initial());

function initial(): SettingsState {
  const { view, query } = parseRoute(location.hash);
  const { link } = recall('settings', { link: '' });
  // Other views read their links themselves, because more than settings stands in them.
  const settings = link ? parseLink(link).settings : defaultsOf('continue');
  if (query && view === 'generate' && !isOwn(query, settings)) return fromLink(query);
  return { settings, ...NOT_LINKED };
}

/** After a reload the address is this person's own, not somebody's link. */
function isOwn(query: string, settings: Settings): boolean {
  return query === formatLink(toSend(settings));
}

function fromLink(query: string): SettingsState {
  followed = query;
  followTeach(query);
  const { settings, problems, revision, moment } = parseLink(query);
  const { plays } = parseWishes(query).wishes;
  return {
    settings,
    problems: problems.map((problem) => problem.toJSON().message),
    linked: true,
    revision,
    moment,
    plays,
    seedChosen: true,
  };
}

/** A conversation goes along only where it is read. */
export function toSend(settings: Settings): Settings {
  return settings.mode === 'chat' ? settings : { ...settings, turns: '', system: '' };
}

export function setSettings(change: Partial<Settings>): void {
  const { settings } = useSettings.getState();
  const names = Object.keys(change) as (keyof Settings)[];
  // A model that a link asked for and that is here now is no other wish.
  if (names.some((name) => change[name] !== settings[name])) {
    useSettings.setState({ settings: { ...settings, ...change }, ...DONE });
  }
  // Another mode or model brings the seed of the last run along, which nobody chose.
  if (change.seed !== undefined && change.seed !== settings.seed) useSettings.setState({ seedChosen: true });
  publish();
}

export function setSetting<K extends keyof Settings>(name: K, value: Settings[K]): void {
  // All in one block, block diffusion would be none, and a cache keep nothing.
  const parts = value === 'blocks' || value === 'prefix' || value === 'dual';
  const whole = parts && useSettings.getState().settings.block === 0;
  setSettings({ [name]: value, ...(whole ? { block: BLOCK } : {}) });
}

/**
 * The seed of the run that begins now: a new one, unless it is pinned, ruled by a lesson, or was chosen for this very run.
 * Links and traces carry it as ever, so a text can always be written again.
 */
export function takeSeed(): void {
  const { seedChosen } = useSettings.getState();
  if (!seedChosen && !usePreferences.getState().seedPinned && settingRule('seed') === 'free')
    setSetting('seed', rollSeed());
  useSettings.setState({ seedChosen: false });
}

/** Six digits are enough to be different and short enough to be read aloud. */
export function rollSeed(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word % 1_000_000;
}

/**
 * Back to the defaults of the mode; the prompt stays, because it is the person's own text, and so does a conversation.
 * What a lesson hides or locks stays as the lesson has it.
 */
export function resetSettings(): void {
  useSettings.setState(({ settings }) => {
    const { mode, model, prompt, system, turns } = settings;
    const ruled = SETTING_NAMES.filter((name) => settingRule(name) !== 'free');
    const kept = Object.fromEntries(ruled.map((name) => [name, settings[name]])) as Partial<Settings>;
    return {
      settings: {
        ...defaultsOf(mode, model),
        prompt,
        system,
        turns,
        ...(mode === 'chat' || mode === 'edit' ? { model } : {}),
        ...kept,
      },
      ...NOT_LINKED,
    };
  });
  publish();
}

export function dismissProblems(): void {
  useSettings.setState({ problems: [] });
}

const address = ownAddress(() => {
  const { settings } = useSettings.getState();
  remember('settings', { link: formatLink(settings) });
  return parseRoute(location.hash).view === 'generate' ? `#/generate?${formatLink(toSend(settings))}` : undefined;
});

/** Writes the settings into the address, a moment later, and remembers them. */
export const publish = (): void => address.later();

/** The run of the link has been made, or something else was done: the address is this person's own from now on. */
export function leaveLink(): void {
  if (!useSettings.getState().linked) return;
  useSettings.setState(DONE);
  publish();
}

/** Follows links that are pasted into the address bar of the open page, or that lead here from other views. */
export function startLinks(): () => void {
  const follow = ({ newURL }: HashChangeEvent) => {
    // Not `location`: settings that were about to be written there may have taken the place of the link by now.
    const { view, query } = parseRoute(new URL(newURL).hash);
    if (view !== 'generate') return;
    if (query) useSettings.setState(fromLink(query));
    else publish();
  };
  const { view, query } = parseRoute(location.hash);
  const fresh = query !== '' && query !== followed && !isOwn(query, useSettings.getState().settings);
  if (view === 'generate' && fresh) useSettings.setState(fromLink(query));
  window.addEventListener('hashchange', follow);
  return () => window.removeEventListener('hashchange', follow);
}
