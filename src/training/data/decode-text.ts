/**
 * The text in a file of bytes, whatever encoding it was written in, or a sentence that says why there is none. UTF-8 is
 * tried first and decides nearly always. Other encodings are told apart by how often their characters occur (`chardet`,
 * after ICU) and read by `TextDecoder`; which one was taken is said, because it is a guess. What is no text is named.
 */
import { said, type Text } from '../../text/said.ts';
import { byCommonest } from './common-signs.ts';
import { decodeKorean } from './korean.ts';
import { dataError } from './problem.ts';
import { isControl, LOOKED_AT, piecesOf, wideOf } from './utf16.ts';

export interface Decoded {
  readonly text: string;
  /** As the WHATWG names it. */
  readonly encoding: string;
  /** What a person should know about how it was read, one sentence each. */
  readonly notes: readonly Text[];
}

/** Throws `UnmaskError` code `data`: empty, or no text. `file` is for the sentence. */
export async function decodeText(bytes: Uint8Array, file: string): Promise<Decoded> {
  if (bytes.length === 0) throw dataError(said`${file} is empty.`, 'Choose a file with text in it.', file);
  const format = formatOf(bytes);
  if (format !== undefined) throw notText(file, format);
  const { text, encoding, notes } = await decoded(bytes, file);
  // Files joined to one another keep their marks.
  const cleaned = withoutControls(text.replace(/\ufeff/g, ''), file);
  if (cleaned.text.trim() === '') {
    throw dataError(said`${file} holds only white space.`, 'Choose a file with text in it.', file);
  }
  return { text: cleaned.text, encoding, notes: [...notes, ...cleaned.notes] };
}

/** First bytes of files that people take for texts, by the name of the format. */
const FORMATS: readonly (readonly [name: string, first: string])[] = [
  ['ZIP', 'PK\x03\x04'], // .docx, .xlsx, .epub and .npz, too
  ['PDF', '%PDF-'],
  ['RTF', '{\\rtf'],
  ['PNG', '\x89PNG'],
  ['JPEG', '\xff\xd8\xff'],
  ['GIF', 'GIF8'],
  ['GZIP', '\x1f\x8b'],
  ['Zstandard', '\x28\xb5\x2f\xfd'],
  ['xz', '\xfd7zXZ'],
  ['bzip2', 'BZh'],
  ['7z', '7z\xbc\xaf'],
  ['RAR', 'Rar!\x1a'],
  ['Microsoft Word or Excel', '\xd0\xcf\x11\xe0'],
  ['SQLite', 'SQLite format 3'],
  ['Parquet', 'PAR1'],
  ['Arrow', 'ARROW1'],
  ['Git LFS', 'version https://git-lfs'],
];

function formatOf(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 24));
  return FORMATS.find(([, first]) => head.startsWith(first))?.[0];
}

/** What is wrong with a file that begins as one of another format, which its name does not say; else undefined. */
export function otherFormat(file: string, start: Uint8Array, expected: string) {
  const format = formatOf(start);
  return format === undefined || format === expected ? undefined : notText(file, format);
}

function notText(file: string, format?: string) {
  const remedy = 'Choose plain text, Markdown, JSON, JSON lines, CSV, TSV or Parquet.';
  if (format === undefined) return dataError(said`${file} is not a text: it holds binary data.`, remedy, file);
  if (format !== 'Git LFS')
    return dataError(said`${file} is not a text: it is a file in the format ${format}.`, remedy, file);
  const message = said`${file} is a pointer of Git LFS and stands for the file itself, which is elsewhere.`;
  return dataError(message, 'Fetch the file with git lfs pull, or download it from its page.', file);
}

async function decoded(bytes: Uint8Array, file: string): Promise<Decoded> {
  const marked = markOf(bytes);
  if (marked === 'utf-32') throw notRead(file, 'UTF-32');
  const joined = await inPieces(bytes, file);
  if (joined !== undefined) return joined;
  // Some programs put a mark before whatever they copy.
  const rest = bytes.subarray(marked === 'utf-8' ? 3 : 2);
  if (marked === 'utf-8' && strictly(rest, 'utf-8') === undefined) return decoded(rest, file);
  if (marked !== undefined && marked !== 'utf-8') {
    return rest.length > 3 && !rest.some(isControl) && strictly(rest, 'utf-8')?.includes(' ')
      ? decoded(rest, file)
      : loosely(bytes, marked, file);
  }
  // Latin letters in UTF-16 are UTF-8 as well, with a zero in every other place.
  const wide = wideOf(bytes);
  if (wide !== undefined) {
    const read = loosely(bytes.subarray(wide.from), wide.encoding, file);
    return wide.from === 0 ? read : { ...read, notes: [...read.notes, cutNote(file)] };
  }
  const whole = strictly(bytes, 'utf-8');
  if (whole !== undefined) {
    const seven = sevenBits(whole.slice(0, LOOKED_AT));
    if (seven === 'iso-2022-jp') return loosely(bytes, seven, file);
    if (seven !== undefined) throw notRead(file, seven);
    return { text: whole, encoding: 'utf-8', notes: [] };
  }
  const damaged = (await mixed(bytes, file)) ?? damagedUtf8(bytes, file);
  if (damaged !== undefined) return damaged;
  const guess = await guessed(bytes);
  const lost = (from: number, encoding: string) => decode(bytes.subarray(from), encoding).match(/\ufffd/g)?.length ?? 0;
  if (begunWithin(bytes) && (guess === undefined || lost(0, guess) > 1)) {
    // Read from the wrong byte a text of two bytes each is another one, up to the next space.
    const rest = bytes.subarray(1);
    const encoding = await guessed(rest);
    if (encoding !== undefined && PAIRS.includes(encoding) && lost(1, encoding) < 2) {
      const read = loosely(rest, encoding, file);
      return { ...read, notes: [...read.notes.slice(0, 1), cutNote(file)] };
    }
  }
  if (guess === undefined) {
    const head = bytes.subarray(0, LOOKED_AT);
    // No text goes on for long without a space or a line end.
    if (head.some(isControl) || !head.some((byte) => byte === 0x20 || byte === 0x0a)) throw notText(file);
    const remedy = 'Save it as UTF-8 in a text editor, and choose it again.';
    throw dataError(said`${file} is written in an encoding that is not recognised.`, remedy, file);
  }
  return loosely(bytes, guess, file);
}

function notRead(file: string, name: string) {
  const remedy = 'Save it as UTF-8 in a text editor, and choose it again.';
  return dataError(said`${file} is written in ${name}, which is not read.`, remedy, file);
}

const cutNote = (file: string): Text => said`${file} was cut in the middle of a character, which is left out.`;

/** Encodings of mail, whose bytes are ASCII: by what they switch with. */
function sevenBits(text: string): string | undefined {
  if (text.includes('\x1b$B') || text.includes('\x1b$@')) return 'iso-2022-jp';
  if (text.includes('\x1b$)C')) return 'ISO-2022-KR';
  const marks = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  if (marks(/~\{(?:[!-w][!-~])+~\}/g) > 1) return 'HZ';
  return marks(/\+A[A-Za-z0-9+/]{2}-/g) > 2 && !/[^\0-\x7f]/.test(text) ? 'UTF-7' : undefined;
}

function markOf([a, b, c, d]: Uint8Array): string | undefined {
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    return 'utf-32';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
}

/** Leaves a byte-order mark out. */
function decode(bytes: Uint8Array, encoding: string, fatal = false): string {
  if (encoding === DOS) {
    const latin1 = new TextDecoder('latin1').decode(bytes);
    return Array.from(bytes, (byte, i) => (byte < 0x80 ? latin1[i] : CODE_PAGE_850[byte - 0x80])).join('');
  }
  if (encoding === 'euc-kr') return decodeKorean(bytes, fatal);
  const text = new TextDecoder(encoding, { fatal }).decode(bytes);
  if (encoding !== 'windows-1252') return text;
  // Some versions of Node read Windows-1252 as Latin-1, whose characters 0x80 to 0x9f are controls.
  return text.replace(/[\u0080-\u009f]/g, (one) => WINDOWS_1252[one.charCodeAt(0) - 0x80] as string);
}

/** Of bytes 0x80 to 0x9f; five of them mean nothing. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const DOS = 'ibm850';
/** Western Europe under DOS, bytes 0x80 and above; no `TextDecoder` has it. Letters stand where code page 437 has them, too. */
const CODE_PAGE_850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀' +
  'ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0';

function strictly(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return decode(bytes, encoding, true);
  } catch {
    return undefined;
  }
}

/** Reads it in this encoding; what does not fit is left out, which is said. */
function loosely(bytes: Uint8Array, encoding: string, file: string): Decoded {
  const name = NAMES[encoding] ?? encoding;
  const notes: Text[] = encoding === 'utf-8' ? [] : [said`${file} is written in ${name} and was read as such.`];
  const whole = strictly(bytes, encoding);
  // Where a program does not know a character of an old encoding it may give one that is nobody's.
  const nobodys = UNICODE.includes(encoding) ? /\ufffd/g : /[\ufffd\ue000-\uf8ff]/g;
  if (whole?.search(nobodys) === -1) return { text: whole, encoding, notes };
  const read = decode(bytes, encoding).replace(nobodys, '\ufffd');
  const text = read.replaceAll('\ufffd', '');
  const lost = read.length - text.length;
  const edges = read.length - read.replace(/^\ufffd{1,3}|\ufffd{1,3}$/g, '').length;
  notes.push(lost === edges ? cutNote(file) : said`${lost} places in ${file} are no ${name} and are left out.`);
  return { text, encoding, notes };
}

const UNICODE = ['utf-8', 'utf-16le', 'utf-16be'];

const NAMES: Readonly<Record<string, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
  gb18030: 'GB18030 (GBK)',
  big5: 'Big5',
  shift_jis: 'Shift-JIS',
  'euc-jp': 'EUC-JP',
  'iso-2022-jp': 'ISO-2022-JP',
  'euc-kr': 'EUC-KR',
  'windows-1252': 'Windows-1252 (Latin-1)',
  'iso-8859-2': 'ISO-8859-2 (Latin-2)',
  macintosh: 'Mac OS Roman',
  ibm866: 'IBM 866 (DOS)',
  ibm850: 'IBM 850 (DOS)',
  'x-mac-cyrillic': 'Mac OS Cyrillic',
};

/** UTF-16 and UTF-8 in one file, each read as what it is. */
async function inPieces(bytes: Uint8Array, file: string): Promise<Decoded | undefined> {
  const pieces = bytes.includes(0) ? piecesOf(bytes) : undefined;
  if (pieces === undefined) return undefined;
  let [text, lines, found] = ['', 0, false];
  for (const piece of pieces) {
    const empty = piece.bytes.every((byte) => byte === 0 || byte === 0x0a || byte === 0x0d);
    found ||= piece.wide && !empty;
    if (piece.wide && !empty && markOf(piece.bytes) === undefined && wideOf(piece.bytes) === undefined)
      return undefined;
    const read = await decoded(piece.bytes, file);
    text += read.text;
    if (piece.wide) lines += read.text.split('\n').filter((line) => line.trim() !== '').length;
  }
  if (!found) return undefined;
  const notes = [said`Of the lines of ${file} ${lines} are written in ${'UTF-16'} and were read as such.`];
  return { text, encoding: 'utf-8', notes };
}

/** UTF-8 with some lines in another encoding, as of files that were joined: each line as what it is. */
async function mixed(bytes: Uint8Array, file: string): Promise<Decoded | undefined> {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from);
    lines.push(bytes.subarray(from, end < 0 ? bytes.length : end + 1));
    from += (lines.at(-1) as Uint8Array).length;
  }
  let right = 0;
  const texts = lines.map((line) => {
    const text = strictly(line, 'utf-8');
    if (text !== undefined) right += text.match(/[^\0-\x7f]/g)?.length ?? 0;
    return text;
  });
  const others = lines.filter((_, i) => texts[i] === undefined);
  // A line that was only damaged has characters that are right, too.
  const foreign = others.every((line) => {
    const found = decode(line, 'utf-8').match(/[^\0-\x7f]/g) ?? [];
    return 2 * found.filter((one) => one === '\ufffd').length > found.length;
  });
  const high = others.reduce((sum, line) => sum + line.filter((byte) => byte >= 0x80).length, 0);
  if (others.length === lines.length || !foreign || right < 2 * high) return undefined;
  const joined = new Uint8Array(await new Blob(others as BlobPart[]).arrayBuffer());
  const encoding = await guessed(joined);
  if (encoding === undefined || strictly(joined, encoding) === undefined) return undefined;
  const name = NAMES[encoding] ?? encoding;
  return {
    text: texts.map((text, i) => text ?? decode(lines[i] as Uint8Array, encoding)).join(''),
    encoding: 'utf-8',
    notes: [said`Of the lines of ${file} ${others.length} are written in ${name} and were read as such.`],
  };
}

/** UTF-8 that was cut at an end, or has a few wrong bytes among many characters that are right. */
function damagedUtf8(bytes: Uint8Array, file: string): Decoded | undefined {
  const loose = loosely(bytes, 'utf-8', file);
  let right = 0;
  for (let i = 0; i < loose.text.length; i++) right += Number(loose.text.charCodeAt(i) > 0x7f);
  const inner = trimmedEnds(bytes);
  // A word of two signs in another encoding may look like one character between halves of others.
  const halves = isInner(bytes[0]) && right < 2 && inner.length < bytes.length - 1;
  if (strictly(inner, 'utf-8') !== undefined && !halves && (right > 0 || seemsCut(bytes))) return loose;
  const wrong = bytes.length - new TextEncoder().encode(loose.text).length;
  return right > 20 * wrong ? loose : undefined;
}

/** Without a character that is not whole at either end. */
function trimmedEnds(bytes: Uint8Array): Uint8Array {
  let [from, to] = [0, bytes.length];
  while (from < 3 && isInner(bytes[from])) from++;
  let back = 0;
  while (back < 3 && isInner(bytes[to - 1 - back])) back++;
  const lead = bytes[to - 1 - back] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  if (length > back + 1) to -= back + 1;
  return bytes.subarray(from, Math.max(from, to));
}

const isInner = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

/** In plain ASCII: the beginning of a curly quote, a dash or an emoji as the very last. */
function seemsCut(bytes: Uint8Array): boolean {
  const last = bytes[bytes.length - 1] ?? 0;
  return last === 0xe2 || last === 0xf0 || isInner(last);
}

/** How sure `chardet` has to be, of 100: its tables give noise 10, and short Russian 25. */
const SURE = 18;

/** An older encoding, or undefined when it can be no text. */
async function guessed(bytes: Uint8Array): Promise<string | undefined> {
  const sample = sampleOf(bytes);
  if (sample.some(isControl) && sample.filter(isControl).length > 0.01 * sample.length) return undefined;
  const { analyse } = await import('chardet');
  // English around a few words of another language would count as Western.
  const words = wordsAboveAscii(sample);
  const commonest = byCommonest((encoding) => (amongLatin(words, encoding) ? undefined : strictly(words, encoding)));
  if (commonest !== undefined) return commonest;
  const western = !inRuns(words) && !EASTERN.some((encoding) => standsAlone(words, encoding));
  const few = western ? byAccents(words) : words.length < FEW ? byCommonSigns(words) : undefined;
  if (few !== undefined) return few;
  const found = byFrequency(analyse(western ? sample : words), sample, words, western);
  if (found !== undefined) return found;
  if (!western) return byCommonSigns(words);
  // A few letters with accents or curly quotes say too little to count; nothing but Western text looks like that.
  const high = sample.filter((byte) => byte >= 0x80).length;
  return high < 0.1 * sample.length && plausible(sample, 'windows-1252') ? 'windows-1252' : undefined;
}

function byFrequency(
  counted: readonly { readonly name: string; readonly confidence: number }[],
  sample: Uint8Array,
  words: Uint8Array,
  western: boolean,
): string | undefined {
  for (const { name, confidence } of counted) {
    const encoding = OTHER_NAMES[name] ?? name.toLowerCase();
    if (!western && WESTERN.includes(encoding)) continue;
    // `TextDecoder` has not all that is told apart, such as UTF-32.
    if (confidence < SURE || !plausible(sample, encoding)) continue;
    if (western && !WESTERN.includes(encoding) && amongLatin(words, encoding)) continue;
    if (encoding === 'gb18030' && isKorean(words)) return 'euc-kr';
    // It does not tell a Macintosh's capitals from those of Windows.
    return encoding === 'windows-1251' ? (byLetters(words, CYRILLIC) ?? encoding) : encoding;
  }
  return undefined;
}

/** Bytes of words in which frequencies say little. */
const FEW = 100;
const WESTERN = ['windows-1252', 'windows-1254', 'windows-1250', 'windows-1257', 'windows-1258', 'iso-8859-2'];

/** Words that hold bytes above ASCII, with a space after each. No encoding of text has a byte of a space within a character. */
function wordsAboveAscii(sample: Uint8Array): Uint8Array {
  const kept: number[] = [];
  let [from, high] = [0, false];
  for (let i = 0; i <= sample.length; i++) {
    const byte = sample[i] ?? 0x20;
    high ||= byte >= 0x80;
    if (byte > 0x20) continue;
    if (high) kept.push(...sample.subarray(from, i), 0x20);
    [from, high] = [i + 1, false];
  }
  return Uint8Array.from(kept);
}

/** Whether most bytes above ASCII stand three or more together, as letters with accents never do. */
function inRuns(words: Uint8Array): boolean {
  let [all, together, run] = [0, 0, 0];
  for (const byte of [...words, 0]) {
    if (byte >= 0x80) run++;
    else {
      all += run;
      if (run > 2) together += run;
      run = 0;
    }
  }
  return 2 * together > all;
}

/**
 * Encodings by the signs that are common in them: where the lead bytes of level 1 lie in the tables of GB 2312, KS X 1001,
 * JIS X 0208 and Big5, and letters of Cyrillic and Greek words. The first where two are as good.
 */
const COMMON: readonly (readonly [
  encoding: string,
  lead: (byte: number) => boolean,
  trail: (byte: number) => boolean,
])[] = [
  ['euc-kr', (byte) => byte >= 0xb0 && byte <= 0xc8, (byte) => byte >= 0xa1],
  ['gb18030', (byte) => byte >= 0xb0 && byte <= 0xd7, (byte) => byte >= 0xa1],
  ['euc-jp', (byte) => byte === 0xa4 || byte === 0xa5 || (byte >= 0xb0 && byte <= 0xcf), (byte) => byte >= 0xa1],
  ['big5', (byte) => byte >= 0xa4 && byte <= 0xc6, (byte) => (byte >= 0x40 && byte <= 0x7e) || byte >= 0xa1],
  ['shift_jis', (byte) => byte === 0x82 || byte === 0x83 || (byte >= 0x88 && byte <= 0x97), (byte) => byte >= 0x40],
];
/** The letters above ASCII of what is written in Latin, by what it is written in; those of one language at a time. */
const ACCENTS: readonly (readonly [encodings: readonly string[], languages: readonly string[]])[] = [
  [
    ['windows-1252', 'macintosh', 'ibm850'],
    [
      'äöüß', // German
      'àâçèéêëîïôùûüÿœæ', // French
      'áéíñóúüªº¿¡', // Spanish
      'áàâãçéêíóôõúü', // Portuguese
      'àèéìíòóùúç·ï', // Italian and Catalan
      'äåæéöø', // Danish, Norwegian, Swedish, Finnish
      'áæéðíóöúýþ', // Icelandic
    ],
  ],
  [['windows-1254'], ['âçğıîöşüû\u0307']], // Turkish, whose İ is two signs when it is small
  [
    ['windows-1250', 'iso-8859-2'],
    [
      'ąćęłńóśźż', // Polish
      'áäčďéěíĺľňóôŕřšťúůýž', // Czech and Slovak
      'áéíóöőúüű', // Hungarian
      'ćčđšž', // Croatian and Slovene
      'ăâîşţ', // Romanian
    ],
  ],
  [['windows-1257'], ['ąčėęįšųūž', 'āčēģīķļņšūž', 'äõöüšž']], // Lithuanian, Latvian, Estonian
];
/** What stands beside letters in any of them. */
const MARKS = /[\s\0-\x7f“”„‘’‚«»‹›–—…•·°§©®€£¥¢´×½¼¾²³¹]/g;

/** The encoding in which the letters above ASCII are those of one language, the first where several are as good. */
function byAccents(words: Uint8Array): string | undefined {
  let best: { readonly encoding: string; readonly share: number } | undefined;
  for (const [encodings, languages] of ACCENTS) {
    for (const encoding of encodings) {
      const letters = [...decode(words, encoding).toLowerCase().replace(MARKS, '')];
      // Quotation marks alone are read as most programs write them.
      if (letters.length === 0 && encoding !== 'windows-1252' && encoding !== 'macintosh') continue;
      for (const language of languages) {
        const right = letters.filter((letter) => language.includes(letter)).length;
        const share = letters.length === 0 ? 1 : right / letters.length;
        if (share > (best?.share ?? 0.97)) best = { encoding, share };
      }
    }
  }
  return best?.encoding;
}

/** With characters whose second half may be a letter of ASCII. */
const EASTERN = ['shift_jis', 'gb18030', 'big5'];

/** Whether the words are whole words of this encoding, as of katakana: accents read so would leave Latin letters beside them. */
function standsAlone(words: Uint8Array, encoding: string): boolean {
  const text = strictly(words, encoding)?.replace(/[｡-ﾟ]/g, '');
  return text !== undefined && /[^\0-\x7f]/.test(text) && !amongLatin(words, encoding);
}

/** Whether signs of another script would stand among Latin letters in most places, as when accents are taken for their halves. */
function amongLatin(words: Uint8Array, encoding: string): boolean {
  const text = decode(words, encoding);
  const signs = text.match(/[^\0-\x7f]/g)?.length ?? 0;
  const beside = text.match(/(?<=[a-z])[^\0-\x7f]|[^\0-\x7f](?=[a-z])/gi)?.length ?? 0;
  return 2 * beside > signs;
}

/** With two bytes above ASCII for most characters. */
const PAIRS = ['gb18030', 'euc-kr', 'euc-jp'];

/** Whether the bytes before the first of ASCII are an odd number, as of pairs the first of which lost its first. */
function begunWithin(bytes: Uint8Array): boolean {
  const run = bytes.findIndex((byte) => byte < 0x80);
  return (run < 0 ? bytes.length : run) % 2 === 1;
}

const LETTERS: readonly (readonly [encoding: string, word: RegExp])[] = [
  // Five letters have a form of their own at the end of a word; in Russian these bytes are к н п у х.
  ['windows-1255', /^[אבגדהוזחטיכלמנסעפצקרשת]+[א-ת]?$/],
  ['windows-1251', /^[А-ЯЁІЇЄҐ]?[а-яёіїєґ]+$|^[А-ЯЁІЇЄҐ]+$/],
  ['koi8-r', /^[А-ЯЁ]?[а-яё]+$|^[А-ЯЁ]+$/],
  ['koi8-u', /^[А-ЯІЇЄҐ]?[а-яіїєґ]+$|^[А-ЯІЇЄҐ]+$/],
  ['iso-8859-7', /^[Ά-Ϋ]?[ά-ώ]+$|^[Ά-Ϋ]+$/],
];
const CYRILLIC: typeof LETTERS = [
  ['windows-1251', /^[А-ЯЁІЇЄҐЎЈЉЊЋЂЏЅ]?[а-яёіїєґўјљњћђџѕ]+$|^[А-ЯЁІЇЄҐЎЈЉЊЋЂЏЅ]+$/],
  ['x-mac-cyrillic', /^[А-ЯЁІЇЄҐ]?[а-яёіїєґ]+$|^[А-ЯЁІЇЄҐ]+$/],
];
/** These would fit much of what is Chinese, Japanese or Korean, so that they come after it. */
const SIGNS: typeof LETTERS = [
  ['ibm866', /^[А-ЯЁ]?[а-яё]+$|^[А-ЯЁ]+$/],
  ['windows-874', /^[ก-๛]+$/],
  ['shift_jis', /^[｡-ﾟ]+$/],
];
/** Pairs of bytes that are too few to tell Korean from Chinese by. */
const FEW_PAIRS = 3;

function byCommonSigns(words: Uint8Array): string | undefined {
  const letters = byLetters(words, LETTERS);
  if (letters !== undefined) return letters;
  let best: { readonly encoding: string; readonly share: number } | undefined;
  for (const [encoding, lead, trail] of COMMON) {
    let [pairs, common] = [0, 0];
    for (let i = 0; i < words.length; i++) {
      if ((words[i] as number) < 0x80) continue;
      pairs++;
      common += Number(lead(words[i] as number) && trail(words[i + 1] ?? 0));
      i++;
    }
    if (encoding === 'euc-kr' && pairs < FEW_PAIRS) continue;
    const share = common / pairs;
    if (plausible(words, encoding) && share > (best?.share ?? 0.6)) best = { encoding, share };
  }
  return best?.encoding ?? byLetters(words, SIGNS);
}

/** Whether it is syllables of Korean throughout, which Chinese read so is not for long; with those that only Windows has it is taken for Chinese. */
function isKorean(words: Uint8Array): boolean {
  const signs = strictly(words, 'euc-kr')?.match(/[^\s\0-\x7f]/g) ?? [];
  return signs.length > 3 && signs.every((sign) => sign >= '\uac00' && sign <= '\ud7a3');
}

/** The encoding in which all words are such as its script writes them. */
function byLetters(words: Uint8Array, encodings: typeof LETTERS): string | undefined {
  return encodings.find(([encoding, word]) => {
    const read = decode(words, encoding).match(/[^\s\0-\x7f]+/g) ?? [];
    return read.length > 0 && read.every((each) => word.test(each));
  })?.[0];
}

/** As `TextDecoder` reads them: in HTML, too, Latin-1 is Windows-1252. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'ISO-8859-1': 'windows-1252',
  'ISO-8859-9': 'windows-1254',
  ASCII: 'windows-1252',
  'UTF-8': 'windows-1252',
};

/** Lines with bytes above ASCII first: they say which encoding it is. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte >= 0x80);
  return bytes.subarray(Math.max(0, first - 1000), Math.max(0, first - 1000) + LOOKED_AT);
}

/** Whether bytes read in an encoding are letters and marks of writing, nearly all of them; frames of DOS are none. */
function plausible(sample: Uint8Array, encoding: string): boolean {
  let text: string;
  try {
    text = decode(sample, encoding);
  } catch {
    return false; // an encoding that is not known here
  }
  const high = text.match(/[^\0-\x7f]/gu) ?? [];
  const odd = high.filter((one) => one === '\ufffd' || /[\p{C}\u0080-\u009f\u2500-\u259f]/u.test(one)).length;
  return high.length > 0 && odd <= 0.02 * high.length + 1;
}

/** Control characters are left out, and counted; a text that is full of them is none. */
function withoutControls(text: string, file: string): Pick<Decoded, 'text' | 'notes'> {
  const [first] = CONTROLS.exec(text) ?? [];
  if (first === undefined) return { text, notes: [] };
  const kept = text.replace(new RegExp(CONTROLS, 'g'), '');
  // Ctrl-Z ended a file under DOS, and zeros may fill the rest of a block.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is counted
  const count = text.replace(/[\x1a\0]+$/, '').length - kept.length;
  // Hyphens of a PDF come as one in a line.
  if (count > Math.max(2, 0.06 * text.length) || 3 * count > text.length) throw notText(file);
  const line = text.slice(0, text.indexOf(first)).split('\n').length;
  const code = `U+${first.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  const all = text.length - kept.length;
  const note =
    all === 1
      ? said`A control character in line ${line} of ${file} (${code}) is left out.`
      : said`${all} control characters in ${file} are left out, the first in line ${line} (${code}).`;
  return { text: kept, notes: [note] };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/;
