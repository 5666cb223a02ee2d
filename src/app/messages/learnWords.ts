/**
 * The prose of the chapters, in the language of the page. The files are in `messages/text/LANGUAGE/learn/`, one per
 * chapter, and `view.json` with the words around them.
 */
import type view from './text/en/learn/view.json';

export interface BeatText {
  readonly title: string;
  /** Paragraphs, with marks (`prose.ts`). */
  readonly text: readonly string[];
  readonly ask?: string;
  readonly options?: Readonly<Record<string, string>>;
  /** What came out, in one sentence or one for every answer. */
  readonly told?: string | Readonly<Record<string, string>>;
  /** Paragraphs to be read once it has. */
  readonly after?: readonly string[];
  readonly tries?: Readonly<Record<string, string>>;
  /** What the run on the canvas shows, by what was found in it. */
  readonly claim?: Readonly<Record<string, string>>;
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

/** Read it where a sentence is said: it changes with the language. */
export let learn: LearnWords;

export function setLearn(texts: LearnWords): void {
  learn = texts;
}
