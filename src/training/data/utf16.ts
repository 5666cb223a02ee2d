/** UTF-16 without a mark, and beside UTF-8 in one file, as `>` of one program and `>>` of another leave it. */

/** Bytes that are looked at to tell encodings apart. */
export const LOOKED_AT = 1 << 16;

/**
 * UTF-16 without a mark, and where its first whole character begins: zeros in every other place, as Latin letters have, or
 * characters that all belong to one text.
 */
export function wideOf(bytes: Uint8Array): { readonly encoding: string; readonly from: number } | undefined {
  const head = bytes.subarray(0, Math.min(LOOKED_AT, bytes.length));
  // No other encoding of text has these bytes.
  if (head.length < 4 || !head.some(isControl)) return undefined;
  const starts = head.length < 16 ? [0] : [0, 1];
  const readings = (['utf-16le', 'utf-16be'] as const).flatMap((encoding) => {
    return starts.map((from) => {
      const text = new TextDecoder(encoding).decode(head.subarray(from, from + ((head.length - from) & ~1)));
      const usual = text.match(
        // biome-ignore lint/suspicious/noMisleadingCharacterClass: ranges, marks that stand on letters among them
        /[\n\r\t -~\u00a0-\u024f\u0300-\u06ff\u0900-\u0e7f\u1e00-\u1fff\u2010-\u2026\u20a0-\u20bf\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]|[\u{1f000}-\u{1faff}\u{20000}-\u{3134f}]/gu,
      );
      return { encoding, from, share: (usual?.length ?? 0) / [...text].length };
    });
  });
  const [best, other] = readings.toSorted((a, b) => b.share - a.share || a.from - b.from) as [
    (typeof readings)[0],
    (typeof readings)[0],
  ];
  // Read from the second byte, Latin letters in the one order are those in the other.
  const clear = best.share > other.share || best.from !== other.from;
  return best.share > 0.9 && clear ? best : undefined;
}

/** Below space, but for tab, the line ends, form feed and escape. */
export function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b;
}

/**
 * The pieces of a file that is UTF-16 in some of its lines and UTF-8 in others, in their order; undefined where it is
 * not. In UTF-16 letters, spaces and line ends of ASCII have a zero each, so that a long stretch without one is UTF-8
 * where it reads as words: characters of other scripts do not by chance.
 */
export function piecesOf(
  bytes: Uint8Array,
): readonly { readonly wide: boolean; readonly bytes: Uint8Array }[] | undefined {
  const pieces: { wide: boolean; bytes: Uint8Array }[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const zero = bytes.indexOf(0, at);
    const next = zero < 0 ? bytes.length : zero;
    // In big-endian the zero before is the first half of a character.
    const start = at > from && (at - 1 - from) % 2 === 0 ? at + 1 : at;
    const end = next - start < SHORTEST ? start : endOfWords(bytes, start, next);
    if (end > start) {
      if (start > from) pieces.push({ wide: true, bytes: bytes.subarray(from, start) });
      pieces.push({ wide: false, bytes: bytes.subarray(start, end) });
      from = end;
    }
    at = Math.max(end, next + 1);
  }
  if (from < bytes.length) pieces.push({ wide: true, bytes: bytes.subarray(from) });
  const both = pieces.length > 1 && pieces.some(({ wide }) => wide);
  return both && !pieces.some(({ wide, bytes }) => wide && isStray(bytes)) ? pieces : undefined;
}

/** Whether it is words of UTF-8 with a zero or two among them. */
function isStray(bytes: Uint8Array): boolean {
  const rest = bytes.filter((byte) => byte !== 0);
  // The space belongs to words; one alone has none.
  return (
    bytes.length - rest.length < 0.25 * bytes.length &&
    readsAsWords(Uint8Array.of(...rest.subarray(0, LOOKED_AT), 0x20))
  );
}

/** Bytes of the shortest piece of UTF-8 that is found. */
const SHORTEST = 8;

/** Where UTF-8 from `start` ends: at `to` if the file does, else behind a line or before the mark of what follows. */
function endOfWords(bytes: Uint8Array, start: number, to: number): number {
  if (to === bytes.length) return readsAsWords(bytes.subarray(start)) ? to : start;
  let tries = 0;
  for (let end = to; end - start >= SHORTEST && tries < MOST_TRIES; end--) {
    const marked = (bytes[end] === 0xff && bytes[end + 1] === 0xfe) || (bytes[end] === 0xfe && bytes[end + 1] === 0xff);
    if (!marked && bytes[end - 1] !== 0x0a) continue;
    if (readsAsWords(bytes.subarray(start, end))) return end;
    tries++;
  }
  return start;
}

/** Line ends that are tried, so that a large file is not read once for each of its lines. */
const MOST_TRIES = 20;

function readsAsWords(bytes: Uint8Array): boolean {
  if (bytes.subarray(0, LOOKED_AT).some(isControl)) return false;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const head = text.slice(0, LOOKED_AT);
    const words = head.match(/[\p{L}\p{M}\p{N} ,.]/gu)?.length ?? 0;
    return words > 0.75 * [...head].length && /[\s\u0080-\uffff]/.test(text);
  } catch {
    return false;
  }
}
