/**
 * Which part of a row is its text. A field is a column, a path into nested values ("answer.text"), a conversation, or the
 * columns of one exchange together. Where none is asked for, the one is taken whose rows read most like prose.
 */

import { isObject } from '../../checkpoint/damage.ts';
import { said, type Text } from '../../text/said.ts';
import { exchangeOf, writeConversation, writeExchange } from './conversations.ts';
import { dataError } from './problem.ts';

export interface Field {
  readonly name: string;
  /** Columns of the row it needs. */
  readonly columns: readonly string[];
  /** Its text in one row. */
  read(row: Row): string | undefined;
  /** Whether it is a conversation that is written out. */
  readonly spoken?: boolean;
  /** Of a conversation: its messages as JSON (`readMessages`). */
  messages?(row: Row): string | undefined;
}

export type Row = Readonly<Record<string, unknown>>;

/** Rows that are looked at to choose. */
export const SAMPLE = 500;

/** What pandas reads as a missing value, and writes for one: words such as `NaN` in place of a text. */
const MISSING = /^\s*(?:#?n\/?a|<na>|-?nan|nat|null|none|#n\/a n\/a|-?1\.#(?:ind|qnan))\s*$/i;

interface Fields {
  readonly fields: readonly Field[];
  /** Columns whose bytes are no text. */
  readonly binary: readonly string[];
  /** Columns that say in words that they hold nothing, in some rows. */
  readonly missing: readonly string[];
}

/** All that rows hold in the way of text. */
export function fieldsOf(rows: readonly Row[]): Fields {
  const found = new Map<string, Field>();
  const binary = new Set<string>();
  const missing = new Set<string>();
  const known = new Set<string>();
  for (const [index, row] of rows.entries()) {
    for (const [column, value] of Object.entries(row)) {
      // Far down only a column that was empty so far is looked into.
      if (index >= SAMPLE && known.has(column)) continue;
      for (const field of within(value, column, [], 0)) {
        if (!found.has(field.name)) found.set(field.name, field);
        known.add(column);
      }
      if (value instanceof Uint8Array && textOf(value) === undefined) binary.add(column);
      if (typeof value === 'string' && MISSING.test(value)) missing.add(column);
    }
  }
  for (const column of binary) found.delete(column);
  const rest = { binary: [...binary], missing: [...missing] };
  const exchange = exchangeOf([...found.keys()]);
  if (exchange === undefined) return { fields: [...found.values()], ...rest };
  const parts = exchange.map((name) => found.get(name) as Field);
  const given = (row: Row) => parts.map((part) => (part.spoken ? row[part.name] : part.read(row)));
  const together: Field = {
    name: exchange.join(' + '),
    columns: exchange,
    read: (row) => writeExchange(given(row)),
    messages: (row) => writeExchange(given(row), 'messages'),
    spoken: true,
  };
  return { fields: [together, ...found.values()], ...rest };
}

const DEEPEST = 6;
/** What a column of numbers does not hold. */
const WORDS = /[\p{L}\p{So}]/u;

/** The fields in one value: itself, or those of the objects and lists it is made of. */
function* within(value: unknown, column: string, path: readonly string[], depth: number): Generator<Field> {
  if (depth === path.length && writeConversation(value)?.trim()) {
    yield {
      ...fieldAt(column, path),
      read: (row) => writeConversation(valueAt(row[column], path)),
      messages: (row) => writeConversation(valueAt(row[column], path), 'messages'),
      spoken: true,
    };
  } else if (typeof value === 'string' || value instanceof Uint8Array) {
    const text = typeof value === 'string' ? value : (textOf(value) ?? '');
    if (WORDS.test(text) && !MISSING.test(text)) yield fieldAt(column, path);
  } else if (Array.isArray(value)) {
    if (depth < DEEPEST) for (const each of value.slice(0, 20)) yield* within(each, column, path, depth + 1);
  } else if (isObject(value) && !(value instanceof Date) && depth < DEEPEST) {
    for (const [key, each] of Object.entries(value)) yield* within(each, column, [...path, key], depth + 1);
  }
}

/** Strings at a path, those of lists in lines below one another. */
function fieldAt(column: string, path: readonly string[]): Field {
  return {
    name: [column, ...path].join('.'),
    columns: [column],
    read: (row) => {
      const parts = [...stringsAt(row[column], path)];
      return parts.length === 0 ? undefined : parts.join('\n');
    },
  };
}

function* stringsAt(value: unknown, path: readonly string[]): Generator<string> {
  const [key, ...rest] = path;
  if (Array.isArray(value)) for (const each of value) yield* stringsAt(each, path);
  else if (key !== undefined) {
    if (isObject(value)) yield* stringsAt(value[key], rest);
  } else if (typeof value === 'string') {
    if (!MISSING.test(value)) yield value;
  } else if (value instanceof Uint8Array) yield textOf(value) ?? '';
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((at: unknown, key) => (isObject(at) ? at[key] : undefined), value);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes without a declared type are text where they are UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The field asked for, or the one that reads most like prose. Throws `UnmaskError` code `data` when there is none. */
export function chooseField(rows: readonly Row[], wanted: string | undefined, file: string, chats = false): Choice {
  const { fields: all, binary, missing } = fieldsOf(rows);
  const fields = chats ? all.filter(({ spoken }) => spoken) : all;
  if (chats && fields.length === 0) {
    const message = said`${file} holds no conversations: no lists of messages, and no columns of questions and answers.`;
    throw dataError(message, 'Choose another file, or learn its rows as documents.', file);
  }
  const names = fields.map(({ name }) => name);
  const empty = missing.filter((column) => !all.some(({ columns }) => columns.includes(column)));
  if (wanted !== undefined && binary.includes(wanted)) throw dataError(...binaryColumn(wanted, file));
  if (wanted !== undefined && empty.includes(wanted)) throw dataError(...emptyColumn(wanted, file));
  if (fields.length === 0) {
    const [first] = binary;
    if (first !== undefined) throw dataError(...binaryColumn(first, file));
    if (empty[0] !== undefined) throw dataError(...emptyColumn(empty[0], file));
    throw dataError(said`${file} has no column of text.`, 'Choose another file.', file);
  }
  const field =
    wanted === undefined || wanted === '' ? mostProse(fields, rows) : fields.find(({ name }) => name === wanted);
  if (field === undefined) {
    const message = said`${file} has no text in a column "${wanted}".`;
    throw dataError(message, said`Choose one of ${names.slice(0, 10).join(', ')}.`, file);
  }
  const notes: Text[] = chats
    ? ['Only the last answer of each conversation is learnt; what comes before it is read.']
    : field.spoken
      ? ['Its conversations are written out, each message after the name of who speaks.']
      : [];
  for (const name of binary) notes.push(said`The column ${name} holds binary data, which is not read.`);
  const gaps = field.columns.find((column) => missing.includes(column));
  if (gaps !== undefined) notes.push(said`Where ${gaps} says NaN, null or None, it is read as nothing.`);
  const { messages } = field;
  return { field: chats && messages ? { ...field, read: messages } : field, columns: names, notes };
}

export interface Choice {
  readonly field: Field;
  /** Names of all fields with text. */
  readonly columns: readonly string[];
  readonly notes: readonly Text[];
}

/** What is read of a table. */
export interface Table extends Omit<Choice, 'field'> {
  readonly texts: readonly string[];
  readonly column: string;
  /** Whether there is more than was read. */
  readonly cut: boolean;
}

function binaryColumn(column: string, file: string): [Text, string, string] {
  return [
    said`The column ${column} of ${file} holds binary data, not text.`,
    'Choose another column or another file.',
    file,
  ];
}

function emptyColumn(column: string, file: string): [Text, string, string] {
  return [
    said`The column ${column} of ${file} holds NaN, null or None, and no text.`,
    'Choose another column or another file.',
    file,
  ];
}

function mostProse(fields: readonly Field[], rows: readonly Row[]): Field {
  const sample = rows.slice(0, SAMPLE);
  let best: { field: Field; score: number } | undefined;
  for (const field of fields) {
    const score = proseIn(sample.map((row) => field.read(row) ?? '')) * weightOf(field.name);
    if (best === undefined || score > best.score) best = { field, score };
  }
  return (best as { field: Field }).field;
}

/** Names say less than content, but something. */
function weightOf(name: string): number {
  if (/^(text|messages|conversations?)$/i.test(name)) return 3;
  if (/^(content|body|story|review|article|document|sentence|passage)s?$/i.test(name)) return 1.5;
  return /(^|_|\b)(id|url|link|label|class|category|date|time|author|title|name|source|lang|path|file|hash)s?$/i.test(
    name,
  )
    ? 0.5
    : 1;
}

/** How much prose there is in a row, letters; labels, which repeat themselves, count little. */
function proseIn(cells: readonly string[]): number {
  const letters = cells.reduce((sum, cell) => sum + lettersOfProse(cell.trim()), 0);
  const distinct = new Set(cells).size / cells.length;
  return (letters / cells.length) * Math.min(1, 0.02 + distinct);
}

const URL_OR_KEY = /^(?:[a-z][a-z0-9+.-]*:\/\/\S*|\S+@\S+|[\w./\\:#-]+)$/i;
/** Scripts that put no space between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/** Letters of a cell that stand in running text; a tenth of them where it is a name, fewer where it is an id or an address. */
function lettersOfProse(cell: string): number {
  const text = cell.slice(0, 4000);
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const words = text.split(/\s+/).length;
  const unspaced = text.match(UNSPACED)?.length ?? 0;
  const running = (words >= 4 || unspaced >= 8) && letters > 0.5 * text.replace(/\s/g, '').length;
  const key = URL_OR_KEY.test(text);
  if (running && !key) return letters;
  return key && /[\d/\\:@#_]/.test(text) ? letters / 100 : letters / 10;
}
