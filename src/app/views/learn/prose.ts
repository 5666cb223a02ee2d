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

/** What stands behind a mark on its line: a comma must not begin the next one. */
const TAIL = /^[^\p{L}\p{N}\s(«„“‘¿¡「（]+/u;

/** The parts of a paragraph, the signs that end a mark taken from the text behind it. */
export function withTails(
  parts: readonly (string | Mark)[],
): { readonly part: string | Mark; readonly tail: string }[] {
  const tailOf = (part: string | Mark | undefined) => (typeof part === 'string' && TAIL.exec(part)?.[0]) || '';
  return parts.map((part, at) => {
    const before = parts[at - 1];
    if (typeof part !== 'string') return { part, tail: tailOf(parts[at + 1]) };
    return {
      part: before !== undefined && typeof before !== 'string' ? part.slice(tailOf(part).length) : part,
      tail: '',
    };
  });
}

/** The targets of all marks, in order. */
export const targetsIn = (text: string): string[] =>
  parseProse(text).flatMap((part) => (typeof part === 'string' ? [] : [part.target]));
