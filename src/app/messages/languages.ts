/** The languages of the page: BCP 47 tag, own name, and the modules with its texts. A new one is a row and a folder. */
import type { Errors, FirstWords, ViewWords } from './words.ts';

interface Entry {
  /** How its speakers call it. */
  readonly name: string;
  readonly load: () => Promise<FirstWords>;
  readonly views: () => Promise<ViewWords>;
  /** What the rooms below the page say, which they say in English. */
  readonly errors?: () => Promise<Errors>;
}

export const LANGUAGES = {
  en: {
    name: 'English',
    load: async () => (await import('./text/en/index.ts')).texts,
    views: async () => (await import('./text/en/views.ts')).texts,
  },
  'zh-Hans': {
    name: '简体中文',
    load: async () => (await import('./text/zh-Hans/index.ts')).texts,
    views: async () => (await import('./text/zh-Hans/views.ts')).texts,
    errors: async () => (await import('./text/zh-Hans/errors.json')).default,
  },
  'zh-Hant': {
    name: '繁體中文',
    load: async () => (await import('./text/zh-Hant/index.ts')).texts,
    views: async () => (await import('./text/zh-Hant/views.ts')).texts,
    errors: async () => (await import('./text/zh-Hant/errors.json')).default,
  },
} satisfies Record<string, Entry>;

export type Language = keyof typeof LANGUAGES;

/** The sentences of the rooms below in a language, for `told.ts`. */
export async function errorsIn(language: Language): Promise<Errors> {
  const { errors }: Entry = LANGUAGES[language];
  return errors ? errors() : {};
}

export const isLanguage = (value: unknown): value is Language => typeof value === 'string' && value in LANGUAGES;

/**
 * The first of the wanted BCP 47 tags that the page speaks, else English. Chinese without a script is simplified but in
 * Taiwan, Hong Kong and Macau (likely subtags of CLDR, which `Intl.Locale.maximize` knows).
 */
export function languageFor(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    let locale: Intl.Locale;
    try {
      locale = new Intl.Locale(tag).maximize();
    } catch {
      continue; // A tag that is none: an old browser, or a link written by hand.
    }
    const full = `${locale.language}-${locale.script}`;
    const found = [locale.language, full].find(isLanguage);
    if (found) return found;
  }
  return 'en';
}
