/** Marks in the prose: `[[masks|the gaps]]` is the words "the gaps", which point at what `masks` names on the page. */

export interface Mark {
  readonly target: string;
  readonly words: string;
  /** The signs that follow it and stay on its line: a comma must not begin the next one. */
  readonly tail: string | undefined;
}

const MARK = /\[\[([a-z]+)\|([^\]|]+)\]\]([^\p{L}\p{N}\s([«„“‘¿¡「（]*)/u;

/** Plain text and marks in turn. */
export function parseProse(text: string): (string | Mark)[] {
  const parts: (string | Mark)[] = [];
  const pieces = text.split(new RegExp(MARK, 'gu'));
  for (let i = 0; i < pieces.length; i += 4) {
    if (pieces[i]) parts.push(pieces[i] as string);
    const [target, words, tail] = pieces.slice(i + 1);
    if (target !== undefined && words !== undefined) parts.push({ target, words, tail: tail || undefined });
  }
  return parts;
}

/** The targets of all marks, in order. */
export const targetsIn = (text: string): string[] =>
  parseProse(text).flatMap((part) => (typeof part === 'string' ? [] : [part.target]));
