/**
 * Tokens of a byte-level vocabulary may hold a part of a character: of "é" the first byte, of an emoji the last two. In a
 * piece such bytes stand as lone surrogates, U+DC80 for 0x80 to U+DCFF for 0xFF (as Python's `surrogateescape`, PEP 383),
 * so that a row of pieces can be joined to the characters that they spell.
 */

const FIRST = 0xdc80;
const LAST = 0xdcff;
const ESCAPED = /[\udc80-\udcff]/;
const ONLY_ESCAPED = /^[\udc80-\udcff]+$/;

/** In place of a piece whose bytes belong to a character that began in a piece before it. */
export const CONTINUED = '\u2060';

/** Bytes as text: UTF-8 as far as it is complete, what is left of a character as escapes. */
export function textOfBytes(bytes: readonly number[]): string {
  return (
    joinBytes([bytes.map((byte) => String.fromCharCode(byte < 0x80 ? byte : FIRST - 0x80 + byte)).join('')])[0] ?? ''
  );
}

/** The bytes of a piece that holds nothing else, as two hexadecimal digits each; undefined for any other. */
export function bytesOnly(piece: string): string | undefined {
  if (!ONLY_ESCAPED.test(piece)) return undefined;
  return Array.from(piece, (_, at) => (piece.charCodeAt(at) - FIRST + 0x80).toString(16).toUpperCase()).join(' ');
}

/**
 * Pieces that stand in a row, with the bytes that together spell a character joined: it stands in the piece where it
 * begins, and `CONTINUED` where nothing else is left. Bytes that spell none stay as they are. A new list, same length.
 */
export function joinBytes(pieces: readonly string[]): string[] {
  if (!pieces.some((piece) => ESCAPED.test(piece))) return [...pieces];
  const texts = pieces.map(() => '');
  // One UTF-16 unit after the other, with the piece that it is in.
  const units = pieces.flatMap((piece, at) =>
    Array.from({ length: piece.length }, (_, i) => ({ at, unit: piece[i] as string })),
  );
  for (let i = 0; i < units.length; ) {
    const { at, unit } = units[i] as (typeof units)[number];
    const wanted = lengthOf(byteOf(unit));
    const bytes = units.slice(i, i + wanted).map((each) => byteOf(each.unit));
    const character = wanted > 1 && bytes.length === wanted ? decoded(bytes) : undefined;
    texts[at] += character ?? unit;
    i += character === undefined ? 1 : wanted;
  }
  return texts.map((text, at) => (text === '' && pieces[at] !== '' ? CONTINUED : text));
}

/** −1 where a unit is no escaped byte. */
function byteOf(unit: string): number {
  const code = unit.charCodeAt(0);
  return code >= FIRST && code <= LAST ? code - FIRST + 0x80 : -1;
}

/** How many bytes a character has by its first one; 1 where that begins none (RFC 3629). */
function lengthOf(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** Half characters and bytes that spell none as U+FFFD, where text leaves the program: no address or JSON file may hold them. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

const strict = new TextDecoder('utf-8', { fatal: true });

function decoded(bytes: readonly number[]): string | undefined {
  if (bytes.includes(-1)) return undefined;
  try {
    return strict.decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

/** GPT-2's names of the 256 bytes: printable Latin-1 letters stand for themselves, the others for letters from Ā on. */
export function byteNames(): string[] {
  const names: string[] = [];
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    names[byte] = String.fromCharCode(printable ? byte : next++);
  }
  return names;
}
