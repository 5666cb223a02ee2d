/**
 * What the Schedule view adds to a link of settings: the sentence, the time at which it is looked at, and which curves are
 * shown. Its keys stand beside those of the settings (`#/schedule?v=3&check=…&schedule=cosine&text=…&t=0.35`).
 */

import { formatLink, parseLink } from '../../diffusion/link.ts';
import { cutProblem, type Pair } from '../../diffusion/link-text.ts';
import { bad } from '../../diffusion/rows.ts';
import type { Settings } from '../../diffusion/settings.ts';
import { said, type Text } from '../../text/said.ts';

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
  readonly problems: readonly Text[];
}

export function parseScheduleLink(query: string): Found {
  const look: { -readonly [K in keyof Look]?: Look[K] } = {};
  const { settings, problems } = parseLink(`?${query}`, {
    [KEYS.text]: (text) => {
      look.text = text.slice(0, MOST_TEXT);
      if (text.length > MOST_TEXT) throw cutProblem(text.length, MOST_TEXT);
    },
    [KEYS.t]: (t) => {
      const time = t.trim() === '' ? Number.NaN : Number(t);
      if (!(time >= 0 && time <= 1)) throw bad(KEYS.t, t, 'a number from 0 to 1');
      look.t = Math.round(time / TIME_STEP) * TIME_STEP;
    },
    [KEYS.shown]: (shown) => {
      const known = SHOWN.find((one) => one === shown);
      if (known === undefined) throw bad(KEYS.shown, shown, said`one of ${SHOWN.join(', ')}`);
      look.shown = known;
    },
  });
  return { settings, look, problems: problems.map((problem) => problem.toJSON().message) };
}

export function formatScheduleLink(settings: Settings, look: Look, defaults: Look): string {
  const own: Pair[] = [];
  if (look.text !== defaults.text) own.push([KEYS.text, look.text]);
  if (look.t !== defaults.t) own.push([KEYS.t, String(Number(look.t.toFixed(2)))]);
  if (look.shown !== defaults.shown) own.push([KEYS.shown, look.shown]);
  return formatLink(settings, {}, own);
}
