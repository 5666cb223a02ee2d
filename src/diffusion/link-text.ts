/**
 * How a link is written so that it survives its way, and how one is read that was changed on it. Mail programs, chats and
 * address bars decode links, encode them again, turn `%20` into `+` and back, wrap them, hang punctuation or tracking
 * parameters on them. So a link begins with a check over what it says, `v=3&check=4-1x8fq2z&prompt=…`: the number of its
 * pairs and a sum over their texts. Of all readings of a changed link the one counts whose sum is right; where none is,
 * that is told. Versions 1 and 2 had no check and wrote spaces as `+`; they are read as they always were, and what may
 * have been changed in them is told.
 */
import { wellFormed } from '../text/bytes.ts';
import { said, type Text } from '../text/said.ts';
import { UnmaskError } from './error.ts';

/** Version of the link format. It rises when links say more or otherwise; all older versions are read. */
export const LINK_VERSION = 3;

/** Characters of a whole link that mail, chats and browsers pass on unharmed. Longer ones are not offered. */
export const MOST_LINK = 8000;
/** Characters of a query that are read at all: the longest prompt of the table, each of its signs encoded. */
const MOST_READ = 2 ** 22;
/** Longer ones are not searched for what was added to them. */
const MOST_MENDED = 10 * MOST_LINK;
/** Readings of a changed link that are tried, and characters looked at for that. */
const MOST_TRIED = { readings: 20_000, characters: 2 ** 24 };

export type Pair = readonly [key: string, text: string];

/** Sentences about one link. */
const MOST_PROBLEMS = 50;

/** What programs that count visits hang on every link. */
const TRACKERS =
  'utm_\\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|twclid|ttclid|li_fat_id|igsh|igshid|mc_[ce]id|mkt_tok|_hsenc|_hsmi|_ga|_gl|ysclid|yclid|spm|si|ref_src|__s|vero_id|oly_enc_id|wickedid|s_cid|cmpid|srsltid';
const TRACKING = new RegExp(`^(?:${TRACKERS})$`, 'i');
/** Some put `?` before theirs, whatever stands there. */
const BETWEEN = new RegExp(`&|\\?(?=(?:${TRACKERS})=)`, 'i');
const CHECK = /^(\d{1,2})-([0-9a-z]{1,7})$/;
/** Signs that a sentence, a bracket or a message puts behind a link; those of them that stand in no address are encoded there. */
const BEHIND = `.,;:!?)\\]}>"'\`*_~#\\s\u00bb\u061f\u201d\u2019\u2026\u3002\uff0c\u3001\uff09\u300b\u300d\u300f`;
const TRAILING = new RegExp(
  `(?:[${BEHIND}/]|%(?:2[0-9CE]|29|3[ABEF]|5D|60|7D|0[9AD])|%C2%BB|%E2%80%(?:9D|99|A6)|%E3%80%8[12BDF]|%EF%BC%(?:8C|89))$`,
  'i',
);
const ALL_BEHIND = new RegExp(`[${BEHIND}]+$`);

export function linkProblem(message: Text): UnmaskError {
  return new UnmaskError({
    code: 'settings',
    message,
    remedy: 'The other settings of the link are used; check them before you start.',
  });
}

/** A text of a link that is used in part. */
export const cutProblem = (length: number, most: number): UnmaskError =>
  linkProblem(said`The link's text has ${length} characters; the first ${most} are used.`);

/** The query of a link, without `?`. No sign in it means something to a program that passes it on. */
export function writeQuery(pairs: readonly Pair[]): string {
  const query = pairs.map(([key, text]) => `${encoded(key)}=${encoded(text)}`);
  return [`v=${LINK_VERSION}`, ...(pairs.length > 0 ? [`check=${checkOf(pairs)}`] : []), ...query].join('&');
}

/** The same link with more behind it. */
export function extended(query: string, more: readonly Pair[]): string {
  return more.length === 0 ? query : writeQuery([...readPairs(query).pairs, ...more]);
}

/** As `encodeURIComponent`, and what Markdown or the end of a sentence would eat, too; half characters become U+FFFD. */
export function encoded(text: string): string {
  return encodeURIComponent(wellFormed(text)).replace(
    /[!'()*~]|[._-]$/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** Their number and FNV-1a with murmur3's last mixing, 32 bits: a wrong reading passes once in 4·10⁹. */
function checkOf(pairs: readonly Pair[]): string {
  let sum = 0x811c9dc5;
  for (const [key, text] of pairs) {
    const all = `${key}=${wellFormed(text)}\n`;
    for (let i = 0; i < all.length; i++) sum = Math.imul(sum ^ all.charCodeAt(i), 0x01000193);
  }
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
  return `${pairs.length}-${((sum ^ (sum >>> 16)) >>> 0).toString(36)}`;
}

export interface ReadPairs {
  /** Without the version, the check and tracking parameters. */
  readonly pairs: readonly Pair[];
  readonly version: string | undefined;
  /** What may be otherwise than it was written, one sentence each. */
  readonly problems: readonly UnmaskError[];
}

/** What a query says. Never throws. */
export function readPairs(query: string): ReadPairs {
  if (query.length > MOST_READ) {
    const problem = linkProblem(said`The link has more than ${MOST_READ} characters; it is not read.`);
    return { pairs: [], version: undefined, problems: [problem] };
  }
  const budget = { ...MOST_TRIED };
  let checked = false;
  for (const text of /check/i.test(query) ? variants(query) : []) {
    const split = splitQuery(text);
    if (split.check === undefined) continue;
    checked = true;
    const pairs = matching(split.pieces, split.check, budget);
    if (pairs) return { pairs, version: split.version, problems: [] };
    if (budget.readings <= 0 || budget.characters <= 0) break;
  }
  const read = plainly(query);
  // A newer version may check otherwise.
  if (!checked && (read.version !== String(LINK_VERSION) || read.pairs.length === 0)) return read;
  const message = 'The link is not as it was made: something on its way, or a hand, has changed or shortened it.';
  return { ...read, problems: [linkProblem(message)] };
}

/**
 * Goes through a query; `take` gets every pair once and throws what cannot be used, or returns false for a key that it does
 * not know. `version` is the link's own, undefined where somebody wrote it by hand.
 */
export function readQuery(
  query: string,
  passedOver: readonly string[],
  take: (key: string, text: string) => boolean,
): { readonly version: string | undefined; readonly problems: UnmaskError[] } {
  const { pairs, version, problems } = readPairs(query);
  const found = [...problems];
  const [seen, twice] = [new Set<string>(), new Set<string>()];
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      found.push(UnmaskError.from(error));
    }
  };
  attempt(() => checkVersion(version));
  for (const [at, [key, text]] of pairs.entries()) {
    if (passedOver.includes(key)) continue;
    attempt(() => {
      if (twice.has(key) || found.length >= MOST_PROBLEMS) return;
      if (seen.has(key)) twice.add(key);
      if (seen.has(key)) throw linkProblem(said`The link gives ${key.slice(0, 40)} twice; the first value is used.`);
      if (!withoutTrailing(text, at === pairs.length - 1, (one) => take(key, one))) {
        throw linkProblem(said`The link has a setting "${key.slice(0, 40)}" that this program does not know.`);
      }
      seen.add(key);
    });
  }
  return { version, problems: found };
}

/** The last value of a link may have the full stop of a sentence behind it. */
function withoutTrailing(text: string, last: boolean, take: (text: string) => boolean): boolean {
  try {
    return take(text);
  } catch (error) {
    const bare = last ? text.replace(ALL_BEHIND, '') : text;
    if (bare === text || bare === '') throw error;
    try {
      return take(bare);
    } catch {
      throw error;
    }
  }
}

function checkVersion(text: string | undefined): void {
  if (text === undefined) return;
  if (!/^[1-9][0-9]{0,5}$/.test(text))
    throw linkProblem(said`The link's version "${text.slice(0, 40)}" is not a number.`);
  if (Number(text) > LINK_VERSION) {
    throw linkProblem(said`The link was made by a newer version of this program (${text}); some settings may be lost.`);
  }
}

/** The query as it came, and as it may have been before something changed it. */
function* variants(query: string): Generator<string> {
  const seen = new Set<string>();
  const fresh = (text: string) => !seen.has(text) && seen.add(text);
  const first = query.replace(/^\?/, '');
  const seeds = [first, unwrapped(first), joined(first), fromHtml(first), fromQuotedPrintable(first)];
  const stripped = seeds.flatMap((seed) => [seed, decoded(seed), decoded(decoded(seed))]).filter(fresh);
  yield* stripped;
  if (query.length > MOST_MENDED) return;
  for (const text of stripped) {
    let rest = text;
    for (let i = 0; i < 6 && TRAILING.test(rest); i++) {
      rest = rest.replace(TRAILING, '');
      if (fresh(rest)) yield rest;
    }
  }
  // A space where the line was wrapped.
  const spaces = [...first.matchAll(/ |%20|\+/g)].slice(0, 256);
  for (const { index, 0: space } of spaces) {
    const without = first.slice(0, index) + first.slice(index + space.length);
    if (fresh(without)) yield without;
  }
}

/** Without the breaks of lines, and what quotes a line in a mail. */
const unwrapped = (text: string) => text.replace(/[ \t]{0,40}[\r\n]+[ \t>]{0,40}/g, '');
/** And without those that an address bar encoded. */
const joined = (text: string) =>
  text.replace(/(?:\s|%0[AD9]){0,40}(?:[\r\n]|%0[AD])(?:\s|%0[AD9]|%20|>|%3E|&gt;){0,40}/gi, '');
const fromHtml = (text: string) =>
  text
    .replace(/&(?:amp|#38|#x26);/gi, '&')
    .replace(/&(?:equals|#61|#x3d);/gi, '=')
    .replace(/&(?:percnt|#37|#x25);/gi, '%');
const fromQuotedPrintable = (text: string) =>
  text.replace(/=(?:[ \t]{0,8}\r?\n|(?:%0D)?%0A|$)/gi, '').replace(/=3D/gi, '=');

/** Decoded once, as far as it can be. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        return run;
      }
    });
  }
}

interface Split {
  readonly version: string | undefined;
  readonly check: string | undefined;
  /** `key=text`, still encoded. */
  readonly pieces: readonly string[];
}

function splitQuery(query: string): Split {
  let version: string | undefined;
  let check: string | undefined;
  const pieces: string[] = [];
  for (const piece of query.split(BETWEEN)) {
    const [key = ''] = piece.split('=', 1);
    const value = piece.slice(key.length + 1);
    const name = key.trim();
    if (TRACKING.test(name)) continue;
    if (name === 'v' && version === undefined) version = value.trim();
    else if (name === 'check' && check === undefined) check = value.trim();
    else pieces.push(piece);
  }
  return { version, check, pieces };
}

/** The reading of these pieces whose sum is `check`. */
function matching(pieces: readonly string[], check: string, budget: typeof MOST_TRIED): Pair[] | undefined {
  const [, number, sum] = CHECK.exec(check) ?? [];
  const count = Number(number);
  if (sum === undefined || !(count > 0) || pieces.length < count) return undefined;
  for (const joinedPieces of joins(pieces, count)) {
    for (const reading of READINGS) {
      budget.readings -= 1;
      for (const piece of joinedPieces) budget.characters -= piece.length;
      if (budget.readings < 0 || budget.characters < 0) return undefined;
      const pairs = joinedPieces.map((piece) => pairOf(piece, reading));
      if (checkOf(pairs) === `${count}-${sum}`) return pairs;
    }
  }
  return undefined;
}

/** `count` pieces out of more: those behind were added on the way, or an `&` within a text was decoded. */
function* joins(pieces: readonly string[], count: number, from = 0): Generator<string[]> {
  if (count === 1) {
    for (let end = from + 1; end <= pieces.length; end++) yield [pieces.slice(from, end).join('&')];
    return;
  }
  for (let end = from + 1; end <= pieces.length - count + 1; end++) {
    const first = pieces.slice(from, end).join('&');
    for (const rest of joins(pieces, count - 1, end)) yield [first, ...rest];
  }
}

type Reading = (text: string) => string;
const spaced = (text: string) => text.replace(/\+/g, ' ');
const READINGS: readonly Reading[] = [
  decoded,
  (text) => decoded(spaced(text)),
  (text) => text,
  spaced,
  (text) => decoded(decoded(text)),
  (text) => spaced(decoded(text)),
];

function pairOf(piece: string, reading: Reading): Pair {
  const [key = ''] = piece.split('=', 1);
  return [reading(key).trim(), reading(piece.slice(key.length + 1))];
}

/** The reading of a link without a check, or with one that is of no help, as versions 1 and 2 were written. */
function plainly(query: string): ReadPairs {
  let text = query.replace(/^\?/, '');
  const problems: UnmaskError[] = [];
  for (let i = 0; i < 3 && !text.includes('=') && /%(?:25)*3D/i.test(text); i++) text = decoded(text);
  if (/(?:^|&)v=3D/i.test(text)) text = fromQuotedPrintable(text);
  if (/&(?:amp|#38|#x26);[\w-]+=/i.test(text)) text = fromHtml(text);
  if (/[\r\n]/.test(text)) text = joined(text);
  const { version, pieces } = splitQuery(text);
  const own = version !== undefined && Number(version) < 3;
  const rewritten = own && !/\+|%20| /.test(text);
  const pairs = unsplit(pieces.filter((piece) => piece !== '')).map((piece): Pair => {
    const [key, value] = pairOf(piece, READINGS[1] as Reading);
    const raw = piece.slice(piece.indexOf('=') + 1);
    if (own && /%25[0-9a-f]{2}/i.test(raw)) problems.push(doubtful(key));
    // Signs that those versions always encoded.
    else if (own && /[+%]/.test(raw) && /[^\w.*+%-]/.test(raw) && key !== 'past') problems.push(doubtful(key));
    if (!rewritten || !value.includes('+') || /\s/.test(value)) return [key, value];
    problems.push(doubtful(key));
    return [key, plusForSpaces(value) ? spaced(value) : value];
  });
  return { pairs, version, problems };
}

/** Words joined by `+`, as an app leaves them that has encoded the `+` for spaces once more; not a sum, not C++. */
function plusForSpaces(text: string): boolean {
  return /\p{L}\+\p{L}/u.test(text) && !/(?:^|\+)\+|\+(?![\p{L}\p{N}"'(])/u.test(text);
}

function doubtful(key: string): UnmaskError {
  return linkProblem(
    said`The link seems to have been rewritten on its way, so ${key.slice(0, 40)} may differ in spaces and signs such as + and %.`,
  );
}

/** `past` holds a query of its own; decoded once too often its settings would be taken for those of the link. */
function unsplit(pieces: readonly string[]): string[] {
  const at = pieces.findIndex((piece) => /^past=before=/.test(piece));
  if (at < 0) return [...pieces];
  const end = pieces.findIndex((piece, i) => i > at && /^(?:lang|hide|lock|say|play)=/.test(piece));
  const rest = pieces.slice(at, end < 0 ? undefined : end);
  return [
    ...pieces.slice(0, at),
    `past=${encodeURIComponent(rest.join('&').slice(5))}`,
    ...(end < 0 ? [] : pieces.slice(end)),
  ];
}

export interface ReadHash {
  /** In lower case; empty when none is named. */
  readonly view: string;
  readonly query: string;
}

/** A hash such as `#/generate?seed=7`, whatever has been encoded of it; or only its query. */
export function readHash(hash: string): ReadHash {
  const text = hash.trim().replace(/^#/, '');
  // A `=` before any border: the whole is a query, as in `prompt=What now?`.
  const [, path = '', query] = /^((?:(?!%(?:25)*3D)[^?=&])*?)(?:[?&]|%(?:25)*3F)([\s\S]*)$/i.exec(text) ?? [];
  if (query !== undefined) return { view: viewIn(path), query };
  return /[=&]|%(?:25)*3D/i.test(text) ? { view: '', query: text } : { view: viewIn(text), query: '' };
}

function viewIn(path: string): string {
  const name = decoded(decoded(decoded(path)))
    .trim()
    .toLowerCase()
    .replace(/^[!#/\\\s]+/, '');
  return name.replace(/[^\p{L}\p{N}]+$/u, '');
}

/** The hash of what a person pasted: an address, wrapped or led through another site, a hash, or only a query. Throws `UnmaskError`. */
export function hashIn(pasted: string): string {
  let text = unwrapped(pasted.trim().replace(/=[ \t]{0,8}\r?\n/g, '')).replace(/^(?:url:|<|\(|"|'|`)+/i, '');
  // Slack's own writing of a link and its words.
  if (/^<?https?:[^|]*\|[^|]*>$/i.test(pasted.trim())) text = text.slice(0, text.indexOf('|'));
  const [, markdown] = /\]\((\S+)\)/.exec(text) ?? [];
  if (markdown !== undefined) text = markdown;
  for (let i = 0; i < 4; i++) {
    if (
      /^https?:\/\/[^/?#]*(?:urldefense|proofpoint|mimecast|barracuda|trendmicro|fireeye|symantec)[^/?#]*\//i.test(text)
    ) {
      const [host = ''] = text.replace(/^https?:\/\//i, '').split(/[/?#]/);
      throw rewritten(said`The address leads through ${host}, which has rewritten the link.`);
    }
    if (!/^https?:/i.test(text) || /^[^#?]*(?:\?[^#]*)?#/.test(text)) break;
    const inner = [...text.matchAll(/[?&](?:url|u|q|target|to|redirect|link|dest)=([^&]*)/gi)]
      .map(([, value = '']) => decoded(value))
      .find((value) => /^https?(?::|%3A)/i.test(value));
    // Before a view, not within a text.
    const next = inner ?? text.replace(/%(?:25)*23(?=!?(?:\/|%(?:25)*2F))/i, '#');
    if (next === text) break;
    text = next;
  }
  const at = text.search(/#(?:!?\/|%2F)/i);
  if (at >= 0) return text.slice(at);
  if (!/^https?:/i.test(text)) return text;
  // Somebody took the sign for one too many.
  const [, view, query] = /^[^?#]*?([\w-]*)\/?\?((?:v=\d|[^#]*&v=\d)[\s\S]*)$/.exec(text) ?? [];
  if (query !== undefined) return `#/${view}?${query}`;
  if (text.includes('#')) return text.slice(text.indexOf('#'));
  throw rewritten('The address has no # and nothing behind it, so it carries no settings.');
}

function rewritten(message: Text): UnmaskError {
  return new UnmaskError({
    code: 'settings',
    message,
    remedy: 'Open it in a browser and copy the address from there.',
  });
}
