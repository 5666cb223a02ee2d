/** Fetches the prose of the chapters: with this view, and only for the language the page is in. */
import { type Language, learnIn } from '../../messages/languages.ts';
import type { LearnWords } from '../../messages/learnWords.ts';

const fetched = new Map<Language, Promise<LearnWords | undefined>>();

/** The prose of a language; undefined where its file can not be fetched. The same promise until that fails. */
export function proseOf(language: Language): Promise<LearnWords | undefined> {
  let prose = fetched.get(language);
  if (!prose) {
    prose = learnIn(language).catch(() => {
      fetched.delete(language);
      return undefined;
    });
    fetched.set(language, prose);
  }
  return prose;
}
