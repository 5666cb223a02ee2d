/**
 * The text in a file of bytes, or a sentence that says why there is none. Only UTF-8 is read: a wrong guess among the
 * older encodings would teach the model garbage without anybody noticing, so they are named and refused.
 */
import { said } from '../../text/said.ts';
import { dataError } from './problem.ts';

const SAVE_AS = 'Save it as UTF-8 in a text editor, and choose it again.';

/** Throws `UnmaskError` code `data`: empty, UTF-16, Latin-1 or no text at all. `file` is for the sentence. */
export function decodeText(bytes: Uint8Array, file: string): string {
  if (bytes.length === 0) throw dataError(said`${file} is empty.`, 'Choose a file with text in it.', file);
  if (isUtf16(bytes)) throw dataError(said`${file} is written in UTF-16, not UTF-8.`, SAVE_AS, file);
  if (bytes.subarray(0, 65_536).some(isControl)) throw notText(file);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes); // leaves a byte-order mark out
  } catch (cause) {
    if (seemsBinary(bytes)) throw notText(file);
    const message = said`${file} is not UTF-8; it seems to be written in Latin-1 or Windows-1252.`;
    throw dataError(message, SAVE_AS, file, cause);
  }
  if (text.trim() === '')
    throw dataError(said`${file} holds only white space.`, 'Choose a file with text in it.', file);
  return text;
}

/** A byte-order mark, or zeros in every other place, as UTF-16 has for Latin letters. */
function isUtf16(bytes: Uint8Array): boolean {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  const head = bytes.subarray(0, 4096);
  const zeros = [0, 0];
  head.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] as number) + 1;
  });
  const [even, odd] = zeros as [number, number];
  const many = head.length / 4;
  return head.length >= 4 && ((even > many && odd === 0) || (odd > many && even === 0));
}

/** Characters that no text has: all below space but tab, the line ends, form feed and escape. */
function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b;
}

/** Whether bytes that are not UTF-8 are mostly not letters either: letters of Latin-1 are rare among plain ones. */
function seemsBinary(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 65_536);
  return head.filter((byte) => byte >= 0x80).length > 0.3 * head.length;
}

function notText(file: string) {
  const remedy = 'Choose plain text, Markdown, JSON lines, CSV or Parquet.';
  return dataError(said`${file} is not a text: it holds binary data.`, remedy, file);
}
