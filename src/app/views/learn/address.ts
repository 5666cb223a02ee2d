/** The place in the course as the address says it, `#/learn?chapter=3&beat=2`, both counted from 1. */

import { PAGE_KEYS } from '../../../diffusion/link.ts';
import { type Pair, readPairs, readQuery, writeQuery } from '../../../diffusion/link-text.ts';
import { bad } from '../../../diffusion/rows.ts';
import { said, type Text } from '../../../text/said.ts';
import { CHAPTERS } from './chapters/index.ts';

export interface Place {
  /** From 0. */
  readonly chapter: number;
  readonly beat: number;
}

/** The number in `text` when it is whole and within 1 to `most`. */
function counted(text: string | undefined, most: number): number | undefined {
  const number = /^\d{1,3}$/.test(text ?? '') ? Number(text) : 0;
  return number >= 1 && number <= most ? number : undefined;
}

/** Undefined when the address names no chapter there is; a beat that is not there is the first. */
export function parsePlace(text: string): Place | undefined {
  const given = new Map(readPairs(text).pairs.toReversed());
  const chapter = counted(given.get('chapter'), CHAPTERS.length);
  if (chapter === undefined) return undefined;
  const beat = counted(given.get('beat'), CHAPTERS[chapter - 1]?.beats.length ?? 0) ?? 1;
  return { chapter: chapter - 1, beat: beat - 1 };
}

/** For addresses within the page. */
export function formatPlace({ chapter, beat }: Place): string {
  return `chapter=${chapter + 1}${beat > 0 ? `&beat=${beat + 1}` : ''}`;
}

/** The query of a link to a place. */
export function learnQuery({ chapter, beat }: Place): string {
  const more: Pair[] = beat > 0 ? [['beat', String(beat + 1)]] : [];
  return writeQuery([['chapter', String(chapter + 1)], ...more]);
}

/** What of a link to the course cannot be used, one sentence each. */
export function problemsOf(query: string): Text[] {
  const place = parsePlace(query) ?? { chapter: 0 };
  const most = { chapter: CHAPTERS.length, beat: CHAPTERS[place.chapter]?.beats.length ?? 0 };
  const { problems } = readQuery(query, PAGE_KEYS, (key, text) => {
    if (key !== 'chapter' && key !== 'beat') return false;
    if (counted(text, most[key]) !== undefined) return true;
    throw bad(key, text, said`a whole number from ${1} to ${most[key]}`);
  });
  return problems.map((problem) => problem.toJSON().message);
}

/** The beat after, across chapters; undefined at the end. */
export function next({ chapter, beat }: Place): Place | undefined {
  if (beat + 1 < (CHAPTERS[chapter]?.beats.length ?? 0)) return { chapter, beat: beat + 1 };
  return chapter + 1 < CHAPTERS.length ? { chapter: chapter + 1, beat: 0 } : undefined;
}

/** The beat before; undefined at the start. */
export function before({ chapter, beat }: Place): Place | undefined {
  if (beat > 0) return { chapter, beat: beat - 1 };
  const last = CHAPTERS[chapter - 1];
  return last && { chapter: chapter - 1, beat: last.beats.length - 1 };
}
