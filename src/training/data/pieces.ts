/** A long text in pieces that end where a reader would stop: with a line, a sentence, a word. */

/** Characters a piece has at least, where the text allows it. */
const SHORTEST = 40;

/** Pieces of up to `longest` characters whose concatenation is the text. A line that ends a sentence ends a piece, too. */
export function piecesOf(text: string, longest: number): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (from < text.length) {
    const end = endOf(text, from, longest);
    pieces.push(text.slice(from, end));
    from = end;
  }
  return pieces;
}

/** Ends of lines behind the end of a sentence, with the empty lines after it. */
const LINE = /(?<=[.!?…。！？:;"'”’」』)\]}])[ \t]*\n\s*/g;
/** Ends of sentences within a line. */
const SENTENCE = /(?<=[.!?…]["'”’)\]]*)\s+|(?<=[。！？][”’」』]*)(?![”’」』。！？])/g;
const ANY_LINE = /\n\s*/g;
const SPACE = /\s+/g;

function endOf(text: string, from: number, longest: number): number {
  const last = Math.min(text.length, from + longest);
  const part = text.slice(from, last);
  const line = firstEnd(part, LINE);
  if (line !== undefined) return from + line;
  if (last === text.length) return last;
  const end = lastEnd(part, SENTENCE) ?? lastEnd(part, ANY_LINE) ?? lastEnd(part, SPACE);
  if (end !== undefined) return from + end;
  // Never between the halves of one character.
  const half = /[\ud800-\udbff]$/.test(part) ? 1 : 0;
  return last - half;
}

function firstEnd(part: string, ends: RegExp): number | undefined {
  for (const { index, 0: space } of part.matchAll(ends))
    if (index + space.length >= SHORTEST) return index + space.length;
  return undefined;
}

function lastEnd(part: string, ends: RegExp): number | undefined {
  let end: number | undefined;
  for (const { index, 0: space } of part.matchAll(ends))
    if (index + space.length >= SHORTEST) end = index + space.length;
  return end;
}
