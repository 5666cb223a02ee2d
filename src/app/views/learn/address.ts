/** The place in the course as the address says it, `#/learn?chapter=3&beat=2`, both counted from 1. */
import { LINK_VERSION, readQuery } from '../../../diffusion/link.ts';
import { bad } from '../../../diffusion/rows.ts';
import { CHAPTERS } from './chapters/index.ts';

export interface Place {
  /** From 0. */
  readonly chapter: number;
  readonly beat: number;
}

/** The number of `key` when it is whole and within 1 to `most`. */
function counted(query: URLSearchParams, key: string, most: number): number | undefined {
  const text = query.get(key) ?? '';
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= most ? number : undefined;
}

/** Undefined when the address names no chapter there is; a beat that is not there is the first. */
export function parsePlace(text: string): Place | undefined {
  const query = new URLSearchParams(text);
  const chapter = counted(query, 'chapter', CHAPTERS.length);
  if (chapter === undefined) return undefined;
  const beat = counted(query, 'beat', CHAPTERS[chapter - 1]?.beats.length ?? 0) ?? 1;
  return { chapter: chapter - 1, beat: beat - 1 };
}

export function formatPlace({ chapter, beat }: Place): string {
  return `chapter=${chapter + 1}${beat > 0 ? `&beat=${beat + 1}` : ''}`;
}

/** The query of a link to a place. */
export const learnQuery = (place: Place): string => `v=${LINK_VERSION}&${formatPlace(place)}`;

/** What of a link to the course cannot be used, one sentence each. */
export function problemsOf(query: string): string[] {
  const place = parsePlace(query) ?? { chapter: 0 };
  const most = { chapter: CHAPTERS.length, beat: CHAPTERS[place.chapter]?.beats.length ?? 0 };
  const problems = readQuery(query, (key, text) => {
    if (key !== 'chapter' && key !== 'beat') return false;
    if (counted(new URLSearchParams({ [key]: text }), key, most[key]) !== undefined) return true;
    throw bad(key, text, `a whole number from 1 to ${most[key]}`);
  });
  return problems.map(({ message }) => message);
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
