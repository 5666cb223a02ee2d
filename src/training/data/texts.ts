/**
 * From a file to texts: plain text and Markdown, JSON lines, CSV, Parquet, told apart by the ending of the name. Tables
 * give one text per row from one column. The libraries for CSV and Parquet are loaded when such a file comes.
 */

import type { FileSource, ReadOptions } from '../../checkpoint/model.ts';
import { said } from '../../text/said.ts';
import { decodeText } from './decode-text.ts';
import { readParquet } from './parquet.ts';
import { dataError, MOST_TEXT } from './problem.ts';
import { readCsv, readJsonLines, type Table } from './tables.ts';

export interface Texts {
  /** In the order of the file; each keeps its line ends. */
  readonly texts: readonly string[];
  readonly characters: number;
  /** Of a table: the columns that hold words, and the one that was read. */
  readonly columns?: readonly string[];
  readonly column?: string;
  /** True when the file holds more than is read (`MOST_TEXT`). */
  readonly cut: boolean;
}

export interface ReadTexts extends ReadOptions {
  /** Column or field; empty = `text`, or the first that holds words. */
  readonly column?: string | undefined;
  /** Characters of a Parquet file that are enough, for a look at it. */
  readonly most?: number | undefined;
}

/** What stories files put between two stories. */
const END_OF_TEXT = '<|endoftext|>';

/** Reads a whole file. Throws `UnmaskError`: `data` when there is no text in it, or what the source throws. */
export async function readTexts(source: FileSource, file: string, options: ReadTexts = {}): Promise<Texts> {
  const ending = /\.([a-z0-9]+)$/i.exec(file)?.[1]?.toLowerCase() ?? '';
  if (ending === 'parquet') return fromTable(await readParquet(source, file, options), file);
  const text = decodeText(await bytesOf(source, file, options), file);
  if (ending === 'jsonl' || ending === 'ndjson') return fromTable(readJsonLines(text, file, options.column), file);
  if (ending === 'csv' || ending === 'tsv') return fromTable(await readCsv(text, file, options.column), file);
  return textsOf(text);
}

/** Texts of a plain text: between `<|endoftext|>` marks, or its paragraphs with the blank lines after them. */
export function textsOf(text: string): Texts {
  const plain = text.replace(/\r\n?/g, '\n');
  const marked = plain.includes(END_OF_TEXT);
  const parts = marked ? plain.split(END_OF_TEXT).map((part) => part.trim()) : plain.split(/(?<=\n[ \t]*\n)(?=[^\n])/);
  const texts = parts.filter((part) => part.trim() !== '');
  return { texts, characters: count(texts), cut: false };
}

function fromTable({ texts, columns, column, cut }: Table, file: string): Texts {
  const full = texts.filter((text) => text.trim() !== '');
  if (full.length === 0) throw dataError(said`${file} has no text in ${column}.`, 'Choose another column.', file);
  return { texts: full, characters: count(full), columns, column, cut };
}

function count(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

async function bytesOf(source: FileSource, file: string, options: ReadOptions): Promise<Uint8Array> {
  const bytes = await source.readAll(file, { ...options, maxBytes: MOST_TEXT });
  if (bytes instanceof Uint8Array) return bytes;
  if (bytes === 'large') {
    const message = said`${file} is larger than ${MOST_TEXT / 2 ** 20} MB, the most that is read at once.`;
    throw dataError(message, 'Choose a part of it.', file);
  }
  throw dataError(said`${file} is not there.`, 'Choose the file again.', file);
}
