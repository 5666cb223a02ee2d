/**
 * The languages of the page. A new one is a row here, its BCP 47 tag and the name its speakers give it, and the folder of
 * that name in `text/`, of which each part is fetched when it is wanted.
 */
import type { LearnWords } from './learnWords.ts';
import { pick } from './pick.ts';
import type { Errors, FirstWords } from './words.ts';

export const LANGUAGES = {
  en: 'English',
  'zh-Hans': '简体中文',
  'zh-Hant': '繁體中文',
  de: 'Deutsch',
  ja: '日本語',
  fr: 'français',
  es: 'español',
} as const;

export type Language = keyof typeof LANGUAGES;

type Files<T> = Readonly<Record<string, () => Promise<T>>>;
/** These parts of each language are one file to fetch (tools/texts-plugin.ts). */
const first = import.meta.glob<FirstWords>('./text/*/core.json', {
  query: '?words=chat,core,figures,links,offline,steering,units',
  import: 'texts',
});

const fetched = <T>(files: Files<T>, language: Language, file: string): Promise<T> => {
  const load = files[`./text/${language}/${file}`];
  if (!load) throw new Error(`${language} has no ${file}`);
  return load();
};
const files = () => import('./files.ts');

/** What every view says. */
export const firstIn = async (language: Language) => fetched(first, language, 'core.json');
/** What the views beside Generate say. */
export const viewsIn = async (language: Language) => fetched((await files()).views, language, 'explain.json');
/** The prose of the chapters. */
export const learnIn = async (language: Language): Promise<LearnWords> => {
  const { view, ...chapters } = await fetched((await files()).learn, language, 'learn/view.json');
  return { view, chapters };
};
/** The sentences of the rooms below in a language, for `told.ts`; English is what they say them in. */
export const errorsIn = async (language: Language): Promise<Errors> =>
  language === 'en' ? {} : fetched((await files()).errors, language, 'errors.json');

export const isLanguage = (value: unknown): value is Language => typeof value === 'string' && value in LANGUAGES;

/** The first of the wanted BCP 47 tags that the page speaks, else English. */
export const languageFor = (wanted: readonly string[]): Language =>
  pick(wanted, Object.keys(LANGUAGES) as [Language, ...Language[]]);
