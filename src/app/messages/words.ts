/**
 * The texts of the page as translators see them: one folder per language in `text/`, one JSON file per part. A text has
 * places in braces, "{n} of {all}"; a pair is a label and its explanation; a count has a text for every plural form of
 * the language. `parts/` says where which text stands and what fills its places.
 */
import type access from './text/en/access.json';
import type adapters from './text/en/adapters.json';
import type align from './text/en/align.json';
import type bench from './text/en/bench.json';
import type chat from './text/en/chat.json';
import type classroom from './text/en/classroom.json';
import type compare from './text/en/compare.json';
import type core from './text/en/core.json';
import type evaluate from './text/en/evaluate.json';
import type explain from './text/en/explain.json';
import type figures from './text/en/figures.json';
import type hood from './text/en/hood.json';
import type links from './text/en/links.json';
import type models from './text/en/models.json';
import type odd from './text/en/odd.json';
import type offline from './text/en/offline.json';
import type processes from './text/en/processes.json';
import type scheduleView from './text/en/scheduleView.json';
import type shortcuts from './text/en/shortcuts.json';
import type steering from './text/en/steering.json';
import type takeaway from './text/en/takeaway.json';
import type teach from './text/en/teach.json';
import type train from './text/en/train.json';
import type units from './text/en/units.json';

/** What TypeScript reads from English: lists of texts are pairs, plurals may have other forms in other languages. */
type Texts<T> = T extends string
  ? string
  : T extends readonly string[]
    ? readonly [string, string]
    : T extends readonly (infer E)[]
      ? readonly Texts<E>[]
      : { readonly [K in keyof T]: Texts<T[K]> };

interface FirstFiles {
  chat: typeof chat;
  core: typeof core;
  figures: typeof figures;
  links: typeof links;
  offline: typeof offline;
  steering: typeof steering;
  units: typeof units;
}

interface ViewFiles {
  access: typeof access;
  adapters: typeof adapters;
  align: typeof align;
  bench: typeof bench;
  classroom: typeof classroom;
  compare: typeof compare;
  evaluate: typeof evaluate;
  explain: typeof explain;
  hood: typeof hood;
  models: typeof models;
  odd: typeof odd;
  processes: typeof processes;
  scheduleView: typeof scheduleView;
  shortcuts: typeof shortcuts;
  takeaway: typeof takeaway;
  teach: typeof teach;
  train: typeof train;
}

type WordsOf<Files> = { readonly [Part in keyof Files]: Texts<Files[Part]> };

/** What the page needs before it is drawn. */
export type FirstWords = WordsOf<FirstFiles>;
/** What is fetched with the first view beside Generate. */
export type ViewWords = WordsOf<ViewFiles>;
export type Words = FirstWords & ViewWords;

/** What the rooms below the page say, by the English they say it in (`told.ts`). */
export type Errors = Readonly<Record<string, string>>;

/** The texts of the language the page is in. Read it where a sentence is said, never keep it: it changes. */
export let words: FirstWords;

/** Empty in English, and until they are here. */
export let errors: Errors = {};

export function setWords(texts: FirstWords): void {
  words = texts;
  errors = {};
}

export function setErrors(texts: Errors): void {
  errors = texts;
}
