/**
 * The settings of the next run. The address holds them, so that what is seen can be sent; they are also remembered, for
 * when the page is opened without a link.
 */
import { create } from 'zustand';
import { defaultsOf } from '../../diffusion/chat-defaults.ts';
import { formatLink, parseLink } from '../../diffusion/link.ts';
import { defaultSettings, type Settings } from '../../diffusion/settings.ts';
import { parseRoute } from '../shell/route.ts';
import { recall, remember } from './remember.ts';

export interface SettingsState {
  readonly settings: Settings;
  /** What could not be read from the link, one sentence each. */
  readonly problems: readonly string[];
  /** The settings came with a link, and nothing has been generated or changed since. */
  readonly linked: boolean;
}

export const useSettings = create<SettingsState>(() => initial());

function initial(): SettingsState {
  const { view, query } = parseRoute(location.hash);
  const { link } = recall('settings', { link: '' });
  // After a reload the address is this person's own, not somebody's link.
  // Other views read their links themselves, because more than settings stands in them.
  const own = link !== '' && query === formatLink(toSend(parseLink(link).settings));
  if (query && view === 'generate' && !own) return fromLink(query);
  return { settings: link ? parseLink(link).settings : defaultSettings(), problems: [], linked: false };
}

function fromLink(query: string): SettingsState {
  const { settings, problems } = parseLink(query);
  return { settings, problems: problems.map((problem) => problem.message), linked: true };
}

/** A conversation goes along only where it is read. */
function toSend(settings: Settings): Settings {
  return settings.mode === 'chat' ? settings : { ...settings, turns: '', system: '' };
}

export function setSettings(change: Partial<Settings>): void {
  useSettings.setState(({ settings }) => ({ settings: { ...settings, ...change }, linked: false }));
  publish();
}

export function setSetting<K extends keyof Settings>(name: K, value: Settings[K]): void {
  setSettings({ [name]: value });
}

/** Six digits are enough to be different and short enough to be read aloud. */
export function rollSeed(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word % 1_000_000;
}

/** Back to the defaults of the mode; the prompt stays, because it is the person's own text, and so does a conversation. */
export function resetSettings(): void {
  useSettings.setState(({ settings: { mode, model, prompt, system, turns } }) => ({
    settings: { ...defaultsOf(mode), prompt, system, turns, ...(mode === 'chat' ? { model } : {}) },
    problems: [],
    linked: false,
  }));
  publish();
}

export function dismissProblems(): void {
  useSettings.setState({ problems: [] });
}

/** The address of this page with these settings. */
export function linkTo(settings: Settings): string {
  return `${location.origin}${location.pathname}#/generate?${formatLink(toSend(settings))}`;
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Writes the settings into the address, a moment later: a dragged slider would otherwise exceed what browsers allow. */
export function publish(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const { settings } = useSettings.getState();
    if (parseRoute(location.hash).view === 'generate') {
      history.replaceState(history.state, '', `${location.search}#/generate?${formatLink(toSend(settings))}`);
    }
    remember('settings', { link: formatLink(settings) });
  }, 200);
}

/** Follows links that are pasted into the address bar of the open page. */
export function startLinks(): () => void {
  const follow = () => {
    const { view, query } = parseRoute(location.hash);
    if (view !== 'generate') return;
    if (query) useSettings.setState(fromLink(query));
    else publish();
  };
  window.addEventListener('hashchange', follow);
  return () => window.removeEventListener('hashchange', follow);
}
