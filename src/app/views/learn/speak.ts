/** Fetches the prose of the chapters: with this view, and only for the language the page is in. */
import type { Language } from '../../messages/languages.ts';
import type { LearnWords } from '../../messages/learnWords.ts';

const FILES: Readonly<Record<Language, () => Promise<LearnWords>>> = {
  en: async () => (await import('../../messages/text/en/learn/index.ts')).texts,
  'zh-Hans': async () => (await import('../../messages/text/zh-Hans/learn/index.ts')).texts,
  'zh-Hant': async () => (await import('../../messages/text/zh-Hant/learn/index.ts')).texts,
};

const fetched = new Map<Language, Promise<LearnWords | undefined>>();

/** The prose of a language; undefined where its file can not be fetched. The same promise until that fails. */
export function proseOf(language: Language): Promise<LearnWords | undefined> {
  let prose = fetched.get(language);
  if (!prose) {
    prose = FILES[language]().catch(() => {
      fetched.delete(language);
      return undefined;
    });
    fetched.set(language, prose);
  }
  return prose;
}
