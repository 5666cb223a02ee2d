/**
 * The language the page is in: what a link asks for, else what was chosen by hand, else the browser's. Changing it loads
 * one file and draws the page anew; runs, models and settings live in stores and in the worker and are not touched.
 */
import { create } from 'zustand';
import { speak } from '../messages/index.ts';
import { isLanguage, type Language, languageFor } from '../messages/languages.ts';
import { parseRoute } from '../shell/route.ts';
import { prefer, usePreferences } from './preferences.ts';

/** Undefined until the first language is here. */
export const useLanguage = create<{ language: Language | undefined }>(() => ({ language: undefined }));

/** The language that the link, the person or the browser wants. */
export function wantedLanguage(): Language {
  const linked = new URLSearchParams(parseRoute(location.hash).query).get('lang');
  if (isLanguage(linked)) return linked;
  const { language } = usePreferences.getState();
  return language === 'system' ? languageFor(navigator.languages) : language;
}

/** Speaks the language from now on. Rejects where its file can not be fetched; the page stays in the one it is in. */
export async function enter(language: Language): Promise<void> {
  await speak(language);
  document.documentElement.lang = language;
  useLanguage.setState({ language });
}

/** Chosen by hand, and remembered. */
export async function chooseLanguage(language: Language): Promise<void> {
  await enter(language);
  prefer({ language });
}
