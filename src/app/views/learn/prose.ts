/** Marks in the prose: `[[masks|the gaps]]` is the words "the gaps", which point at what `masks` names on the page. */

export interface Mark {
  readonly target: string;
  readonly words: string;
}

const MARK = /\[\[([a-z]+)\|([^\]|]+)\]\]/;

/** Plain text and marks in turn. */
export function parseProse(text: string): (string | Mark)[] {
  const parts: (string | Mark)[] = [];
  const pieces = text.split(new RegExp(MARK, 'g'));
  for (let i = 0; i < pieces.length; i += 3) {
    if (pieces[i]) parts.push(pieces[i] as string);
    if (i + 2 < pieces.length) parts.push({ target: pieces[i + 1] as string, words: pieces[i + 2] as string });
  }
  return parts;
}

/** The targets of all marks, in order. */
export const targetsIn = (text: string): string[] =>
  parseProse(text).flatMap((part) => (typeof part === 'string' ? [] : [part.target]));
