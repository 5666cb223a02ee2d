/**
 * The language the page is in: what a link asks for, else what was chosen by hand, else the browser's. Changing it loads
 * one file and draws the page anew; runs, models and settings live in stores and in the worker and are not touched.
 */
import { create } from 'zustand';
import { speak } from '../messages/index.ts';
import { errorsIn, type Language, languageFor } from '../messages/languages.ts';
import { setErrors } from '../messages/words.ts';
import { lessonLanguage } from './lesson.ts';
import { prefer, usePreferences } from './preferences.ts';

interface LanguageState {
  /** Undefined until the first language is here. */
  readonly language: Language | undefined;
  /** Whether errors are said in it, too; their sentences come after the page has been drawn. */
  readonly errors: boolean;
}

export const useLanguage = create<LanguageState>(() => ({ language: undefined, errors: false }));

/** The language that the link, the person or the browser wants. */
export function wantedLanguage(): Language {
  const linked = lessonLanguage();
  if (linked) return linked;
  const { language } = usePreferences.getState();
  return language === 'system' ? languageFor(navigator.languages) : language;
}

/** Speaks the language from now on. Rejects where its file can not be fetched; the page stays in the one it is in. */
export async function enter(language: Language): Promise<void> {
  await speak(language);
  document.documentElement.lang = language;
  useLanguage.setState({ language, errors: false });
  void errorsIn(language).then(
    (texts) => {
      if (useLanguage.getState().language !== language) return;
      setErrors(texts);
      useLanguage.setState({ errors: true });
    },
    () => undefined, // Errors stay English until the next visit.
  );
}

/** Chosen by hand, and remembered. */
export async function chooseLanguage(language: Language): Promise<void> {
  await enter(language);
  prefer({ language });
}
