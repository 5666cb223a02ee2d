/** Comments, strings and keywords of WGSL and TypeScript told apart, and nothing more: enough to read by. */

export type Language = 'wgsl' | 'ts';

export interface Piece {
  readonly kind: 'comment' | 'keyword' | 'string' | 'plain';
  readonly text: string;
}

const KEYWORDS: Readonly<Record<Language, string>> = {
  wgsl: 'alias|break|case|const|continue|default|diagnostic|discard|else|enable|false|fn|for|if|let|loop|override|return|struct|switch|true|var|while',
  ts: 'as|async|await|const|else|export|extends|false|for|from|function|if|import|in|interface|let|new|of|readonly|return|satisfies|true|type|typeof|undefined|while|yield',
};

const PARTS: Readonly<Record<Language, RegExp>> = {
  wgsl: partsOf(KEYWORDS.wgsl),
  ts: partsOf(KEYWORDS.ts),
};

/** In order: line comments, block comments, strings, whole words that are keywords. */
function partsOf(keywords: string): RegExp {
  const string = String.raw`'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|${'`'}(?:\\.|[^${'`'}\\])*${'`'}`;
  return new RegExp(String.raw`(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(${string})|\b(${keywords})\b`, 'g');
}

/** Pieces line by line; a line keeps its newline. */
export function linesOf(all: readonly Piece[]): Piece[][] {
  const lines: Piece[][] = [[]];
  for (const { kind, text } of all) {
    for (const part of text.split(/(?<=\n)/)) {
      if (part) lines.at(-1)?.push({ kind, text: part });
      if (part.endsWith('\n')) lines.push([]);
    }
  }
  return lines.filter((line) => line.length > 0);
}

/** The pieces, joined, are the source. */
export function pieces(source: string, language: Language): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of source.matchAll(PARTS[language])) {
    if (match.index > end) found.push({ kind: 'plain', text: source.slice(end, match.index) });
    const [text, comment, string] = match;
    found.push({ kind: comment !== undefined ? 'comment' : string !== undefined ? 'string' : 'keyword', text });
    end = match.index + text.length;
  }
  if (end < source.length) found.push({ kind: 'plain', text: source.slice(end) });
  return found;
}
