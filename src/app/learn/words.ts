/**
 * The prose of the chapters, in the language of the page. It is fetched with this view and for this language only; the
 * files are in `messages/text/LANGUAGE/learn/`, one per chapter, and `view.json` with the words around them.
 */
import type { Language } from '../messages/languages.ts';
import type view from '../messages/text/en/learn/view.json';
import type { Finding } from './script.ts';

export interface BeatText {
  readonly title: string;
  /** Paragraphs, with marks (`prose.ts`). */
  readonly text: readonly string[];
  readonly ask?: string;
  readonly options?: Readonly<Record<string, string>>;
  /** What came out, in one sentence or one for every answer. */
  readonly told?: string | Readonly<Record<Finding['answer'], string>>;
  /** Paragraphs to be read once it has. */
  readonly after?: readonly string[];
  readonly tries?: Readonly<Record<string, string>>;
}

export interface ChapterText {
  readonly title: string;
  readonly lead: string;
  /** What to read: papers, with section or equation. */
  readonly more: readonly string[];
  readonly beats: Readonly<Record<string, BeatText>>;
}

type Strings<T> = T extends string ? string : { readonly [K in keyof T]: Strings<T[K]> };

export interface LearnWords {
  readonly view: Strings<typeof view>;
  readonly chapters: Readonly<Record<string, ChapterText>>;
}

const FILES: Readonly<Record<Language, () => Promise<LearnWords>>> = {
  en: async () => (await import('../messages/text/en/learn/index.ts')).texts,
  'zh-Hans': async () => (await import('../messages/text/zh-Hans/learn/index.ts')).texts,
  'zh-Hant': async () => (await import('../messages/text/zh-Hant/learn/index.ts')).texts,
};

/** Read it where a sentence is said: it changes with the language. */
export let learn: LearnWords;

const fetched = new Map<Language, Promise<boolean>>();

/** Speaks this language in the chapters; false where its file can not be fetched. The same promise until it failed. */
export function speakLearn(language: Language): Promise<boolean> {
  let done = fetched.get(language);
  if (!done) {
    done = FILES[language]().then(
      (texts) => {
        fetched.set(language, done as Promise<boolean>);
        loaded.set(language, texts);
        return true;
      },
      () => {
        fetched.delete(language);
        return false;
      },
    );
    fetched.set(language, done);
  }
  return done;
}

const loaded = new Map<Language, LearnWords>();

/** The language of the sentences from now on; its file has been fetched. */
export function enterLearn(language: Language): void {
  learn = loaded.get(language) ?? learn;
}

/** For tests. */
export function setLearn(texts: LearnWords): void {
  learn = texts;
}
