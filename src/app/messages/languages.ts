/** The languages of the page: BCP 47 tag, own name, and the module with all its texts. A new one is a row and a folder. */
import type { Words } from './words.ts';

interface Entry {
  /** How its speakers call it. */
  readonly name: string;
  readonly load: () => Promise<Words>;
}

export const LANGUAGES = {
  en: { name: 'English', load: async () => (await import('./text/en/index.ts')).texts },
  'zh-Hans': { name: '简体中文', load: async () => (await import('./text/zh-Hans/index.ts')).texts },
  'zh-Hant': { name: '繁體中文', load: async () => (await import('./text/zh-Hant/index.ts')).texts },
} satisfies Record<string, Entry>;

export type Language = keyof typeof LANGUAGES;

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
