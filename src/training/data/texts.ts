/**
 * From a file to texts: plain text and Markdown, JSON, JSON lines, CSV, TSV, Parquet, told apart by the ending of the
 * name. Tables give one text per row, from the column that reads most like prose or the one asked for. How it was read is
 * said in notes. The libraries for Parquet and for old encodings are loaded when such a file comes.
 */

import type { FileSource, ReadOptions } from '../../checkpoint/model.ts';
import { said, type Text } from '../../text/said.ts';
import { decodeText } from './decode-text.ts';
import { type Delimited, readCsv, readTsv } from './delimited.ts';
import { chooseField, type Row, SAMPLE, type Table } from './fields.ts';
import { readJson, readJsonLines } from './json-rows.ts';
import { dataError, MOST_TEXT } from './problem.ts';

export interface Texts {
  /** In the order of the file; each keeps its line ends. */
  readonly texts: readonly string[];
  readonly characters: number;
  /** Of a table: the fields that hold text, and the one that was read. */
  readonly columns?: readonly string[];
  readonly column?: string;
  /** True when the file holds more than is read (`MOST_TEXT`). */
  readonly cut: boolean;
  /** What a person should know about how it was read, one sentence each. */
  readonly notes: readonly Text[];
}

export interface ReadTexts extends ReadOptions {
  /** Column, path or exchange as `Texts.columns` names it; empty = the one that reads most like prose. */
  readonly column?: string | undefined;
  /** Conversations only, each text the JSON of its messages (`readMessages`). */
  readonly chats?: boolean | undefined;
  /** Characters of a Parquet file that are enough, for a look at it. */
  readonly most?: number | undefined;
}

/** What stories files put between two stories. */
const END_OF_TEXT = '<|endoftext|>';

/** Reads a whole file. Throws `UnmaskError`: `data` when there is no text in it, or what the source throws. */
export async function readTexts(source: FileSource, file: string, options: ReadTexts = {}): Promise<Texts> {
  const ending = endingOf(file);
  if (ending === 'parquet' || ending === 'parq') {
    const { readParquet } = await import('./parquet.ts');
    return fromTable(await readParquet(source, file, options), file);
  }
  if (options.chats && !TABLES.includes(ending)) {
    const message = said`${file} is no table, so it holds no conversations.`;
    throw dataError(message, 'Choose JSON, JSON lines, CSV or Parquet with messages.', file);
  }
  const { text, notes } = await decodeText(await bytesOf(source, file, options), file);
  const table = tableOf(ending, text, file, options);
  const read = table === undefined ? { ...textsOf(text), notes: tableNote(text, file) } : fromTable(table, file);
  return { ...read, notes: [...notes, ...read.notes] };
}

export function endingOf(file: string): string {
  return /\.([a-z0-9]+)$/i.exec(file)?.[1]?.toLowerCase() ?? '';
}

const TABLES = ['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'tab'];

function tableOf(ending: string, text: string, file: string, options: ReadTexts): Table | undefined {
  switch (ending) {
    case 'jsonl':
    case 'ndjson':
      return fromRows(readJsonLines(text, file), file, options);
    case 'json':
      return fromRows(readJson(text, file), file, options);
    case 'csv':
      return fromDelimited(readCsv(text, file), file, options);
    case 'tsv':
    case 'tab':
      return fromDelimited(readTsv(text, file), file, options);
    default:
      return jsonUnderAnotherName(text, file, options);
  }
}

/** Nobody wants to learn the brackets of a table: JSON is read as such, whatever its ending. */
function jsonUnderAnotherName(text: string, file: string, options: ReadTexts): Table | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  let found: ReturnType<typeof readJson>;
  try {
    found = readJson(text, file);
  } catch {
    return undefined; // a text that begins with a bracket
  }
  const table = fromRows(found, file, options);
  return { ...table, notes: [said`${file} holds JSON and is read as such.`, ...table.notes] };
}

/** Rows of a plain text that make it look like a table, in the beginning. */
const LIKE_ROWS = 10;

/** What to do with a plain text whose every line has the same fields. */
function tableNote(text: string, file: string): Text[] {
  const lines = text
    .slice(0, 100_000)
    .split(/\r\n?|\n/)
    .slice(0, 200)
    .filter((line) => line.trim() !== '')
    .slice(0, -1);
  if (lines.length < LIKE_ROWS) return [];
  const tabs = lines.map((line) => line.split('\t').length);
  // Of prose not every line has a quoted field at one end.
  const quoted = lines.slice(1).every((line) => /^"[^"]+",|,"(?:[^"]|"")+"$/.test(line));
  if (!quoted && !((tabs[0] as number) > 1 && tabs.every((count) => count === tabs[0]))) return [];
  const ending = quoted ? '.csv' : '.tsv';
  return [said`${file} looks like a table. Under a name that ends in ${ending} one column of it is read.`];
}

/** Texts of a plain text: between `<|endoftext|>` marks, or its paragraphs with the blank lines after them. */
export function textsOf(text: string): Texts {
  const plain = text.replace(/\r\n?/g, '\n');
  const marked = plain.includes(END_OF_TEXT);
  const parts = marked ? plain.split(END_OF_TEXT).map((part) => part.trim()) : plain.split(/(?<=\n[ \t]*\n)(?=[^\n])/);
  const texts = parts.filter((part) => part.trim() !== '');
  return { texts, characters: count(texts), cut: false, notes: [] };
}

function fromRows(
  { rows, notes }: { readonly rows: readonly Row[]; readonly notes: readonly Text[] },
  file: string,
  { column: wanted, chats }: ReadTexts,
): Table {
  const { field, columns, notes: more } = chooseField(rows, wanted, file, chats);
  const texts = rows.flatMap((row) => field.read(row) ?? []);
  return { texts, columns, column: field.name, cut: false, notes: [...notes, ...more] };
}

/** Only the beginning becomes objects to choose from; a large table is read by its place. */
function fromDelimited({ columns, rows, notes }: Delimited, file: string, { column: wanted, chats }: ReadTexts): Table {
  const rowOf = (cells: readonly string[]): Row => Object.fromEntries(columns.map((name, i) => [name, cells[i]]));
  const sample = rows.slice(0, SAMPLE).map(rowOf);
  // A column may hold its first word far down.
  const choice = chooseField([...sample, ...firstWords(columns, rows)], wanted, file, chats);
  const texts = rows.flatMap((cells) => choice.field.read(rowOf(cells)) ?? []);
  return { texts, columns: choice.columns, column: choice.field.name, cut: false, notes: [...notes, ...choice.notes] };
}

/** One row for each column that has letters beyond the sample. */
function firstWords(columns: readonly string[], rows: readonly (readonly string[])[]): Row[] {
  return columns.flatMap((name, at) => {
    const row = rows.findIndex((cells, i) => i >= SAMPLE && /\p{L}/u.test(cells[at] ?? ''));
    return row < 0 ? [] : [{ [name]: rows[row]?.[at] }];
  });
}

/** Full rows, each with a line end, so that none runs into the next. */
function fromTable({ texts, columns, column, cut, notes }: Table, file: string): Texts {
  const full = texts.filter((text) => text.trim() !== '').map((text) => (/\n$/.test(text) ? text : `${text}\n`));
  if (full.length === 0) throw dataError(said`${file} has no text in ${column}.`, 'Choose another column.', file);
  return { texts: full, characters: count(full), columns, column, cut, notes };
}

function count(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

export async function bytesOf(source: FileSource, file: string, options: ReadOptions): Promise<Uint8Array> {
  const bytes = await source.readAll(file, { ...options, maxBytes: MOST_TEXT });
  if (bytes instanceof Uint8Array) return bytes;
  if (bytes === 'large') {
    const message = said`${file} is larger than ${MOST_TEXT / 2 ** 20} MB, the most that is read at once.`;
    throw dataError(message, 'Choose a part of it.', file);
  }
  throw dataError(said`${file} is not there.`, 'Choose the file again.', file);
}
