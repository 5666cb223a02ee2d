/** How this person likes the page: theme, view, replay speed, backend. Remembered; never part of a link. */
import { create } from 'zustand';
import type { BackendChoice, Precision } from '../../worker/protocol.ts';
import { isLanguage, type Language } from '../messages/languages.ts';
import { SPEEDS, type Speed } from '../trace/clock.ts';
import { recall, remember } from './remember.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export const VIEWS = ['prose', 'grid', 'table'] as const;
export const BACKENDS: readonly BackendChoice[] = ['auto', 'webgpu', 'fallback'];

export const PRECISIONS: readonly Precision[] = ['stored', 'f16', 'int8', 'int4', 'nf4'];
export const HUB = 'https://huggingface.co';

export interface Preferences {
  readonly theme: (typeof THEMES)[number];
  readonly view: (typeof VIEWS)[number];
  readonly speed: Speed;
  readonly backend: BackendChoice;
  /** Shortcuts of a single key without a modifier (WCAG 2.1.4 wants a way to turn them off). */
  readonly singleKeys: boolean;
  /** Chosen by hand; without it the page follows the browser. */
  readonly language: Language | 'system';
  /** Runs rest while the page is hidden. */
  readonly pauseHidden: boolean;
  /** The page draws at most fifteen times a second. */
  readonly sparing: boolean;
  /** The seed stays for the next run; otherwise every Generate draws a new one. */
  readonly seedPinned: boolean;
  /** Whether the rarer settings are unfolded. */
  readonly more: boolean;
  /** Of the weights on the card. */
  readonly precision: Precision;
  /** Address of the hub, or of a server with the hub's addresses. */
  readonly hub: string;
}

const DEFAULTS: Preferences = {
  theme: 'system',
  view: 'prose',
  speed: 8,
  backend: 'auto',
  singleKeys: true,
  language: 'system',
  pauseHidden: false,
  sparing: false,
  seedPinned: false,
  more: false,
  precision: 'stored',
  hub: HUB,
};

function checked(stored: Preferences): Preferences {
  const among = <T>(list: readonly T[], value: T, fallback: T) => (list.includes(value) ? value : fallback);
  return {
    theme: among(THEMES, stored.theme, DEFAULTS.theme),
    view: among(VIEWS, stored.view, DEFAULTS.view),
    speed: among(SPEEDS, stored.speed, DEFAULTS.speed),
    backend: among(BACKENDS, stored.backend, DEFAULTS.backend),
    singleKeys: stored.singleKeys === true,
    language: isLanguage(stored.language) ? stored.language : DEFAULTS.language,
    pauseHidden: stored.pauseHidden === true,
    sparing: stored.sparing === true,
    seedPinned: stored.seedPinned === true,
    more: stored.more === true,
    precision: among(PRECISIONS, stored.precision, DEFAULTS.precision),
    hub: /^https?:[/][/]./.test(stored.hub) ? stored.hub : DEFAULTS.hub,
  };
}

export const usePreferences = create<Preferences>(() => checked(recall('preferences', DEFAULTS)));

export function prefer(change: Partial<Preferences>): void {
  usePreferences.setState(change);
  remember('preferences', usePreferences.getState());
}

/** `?backend=webgpu` in the address wins over the remembered choice, for tests and for reports of trouble. */
export function backendChoice(): BackendChoice {
  const asked = new URLSearchParams(location.search).get('backend');
  return BACKENDS.find((one) => one === asked) ?? usePreferences.getState().backend;
}
