/**
 * What the Schedule view adds to a link of settings: the sentence, the time at which it is looked at, and which curves are
 * shown. Its keys stand beside those of the settings (`#/schedule?v=1&schedule=cosine&text=…&t=0.35`).
 */
import { formatLink, parseLink } from '../../diffusion/link.ts';
import type { Settings } from '../../diffusion/settings.ts';

export const SHOWN = ['rate', 'weight'] as const;

export interface Look {
  readonly text: string;
  readonly t: number;
  readonly shown: (typeof SHOWN)[number];
}

export const MOST_TEXT = 600;
export const TIME_STEP = 0.01;

const KEYS = { text: 'text', t: 't', shown: 'curves' } as const;

interface Found {
  readonly settings: Settings;
  readonly look: Partial<Look>;
  /** What could not be read, one sentence each. */
  readonly problems: readonly string[];
}

export function parseScheduleLink(query: string): Found {
  const rest = new URLSearchParams(query);
  const take = (key: string) => {
    const value = rest.get(key);
    rest.delete(key);
    return value ?? undefined;
  };
  const [text, t, shown] = [take(KEYS.text), take(KEYS.t), take(KEYS.shown)];
  const { settings, problems } = parseLink(`?${rest}`);
  const time = t === undefined || t.trim() === '' ? Number.NaN : Number(t);
  const timed = time >= 0 && time <= 1;
  return {
    settings,
    look: {
      ...(text === undefined ? {} : { text: text.slice(0, MOST_TEXT) }),
      ...(timed ? { t: Math.round(time / TIME_STEP) * TIME_STEP } : {}),
      ...(SHOWN.some((one) => one === shown) ? { shown: shown as Look['shown'] } : {}),
    },
    problems: [
      ...problems.map(({ message }) => message),
      ...(t === undefined || timed ? [] : [`t must be a number from 0 to 1, but it is "${t.slice(0, 40)}".`]),
    ],
  };
}

export function formatScheduleLink(settings: Settings, look: Look, defaults: Look): string {
  const own = new URLSearchParams();
  if (look.text !== defaults.text) own.set(KEYS.text, look.text);
  if (look.t !== defaults.t) own.set(KEYS.t, String(Number(look.t.toFixed(2))));
  if (look.shown !== defaults.shown) own.set(KEYS.shown, look.shown);
  return [formatLink(settings), own.toString()].filter(Boolean).join('&');
}
