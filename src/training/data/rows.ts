/**
 * From a file to its rows with all their fields: JSON, JSON lines, CSV, TSV and Parquet; plain text gives rows of one
 * `text` each. For what is made of several columns, such as a question with its choices.
 */
import type { FileSource, ReadOptions } from '../../checkpoint/model.ts';
import { said } from '../../text/said.ts';
import { decodeText } from './decode-text.ts';
import { type Delimited, readCsv, readTsv } from './delimited.ts';
import type { Row } from './fields.ts';
import { readJson, readJsonLines } from './json-rows.ts';
import { dataError } from './problem.ts';
import { bytesOf, endingOf, textsOf } from './texts.ts';

/** Most rows that are read of one file. */
const MOST_ROWS = 200_000;

/** Throws `UnmaskError`: `data` when there are none, or what the source throws. */
export async function readRows(source: FileSource, file: string, options: ReadOptions = {}): Promise<readonly Row[]> {
  const rows = await rowsIn(source, file, options);
  if (rows.length > 0) return rows;
  throw dataError(said`${file} has no rows.`, 'Choose another file.', file);
}

async function rowsIn(source: FileSource, file: string, options: ReadOptions): Promise<readonly Row[]> {
  const ending = endingOf(file);
  if (ending === 'parquet' || ending === 'parq') {
    const { readParquetRows } = await import('./parquet.ts');
    return (await readParquetRows(source, file, { ...options, most: MOST_ROWS })).rows;
  }
  const { text } = await decodeText(await bytesOf(source, file, options), file);
  switch (ending) {
    case 'jsonl':
    case 'ndjson':
      return readJsonLines(text, file).rows;
    case 'json':
      return readJson(text, file).rows;
    case 'csv':
      return objectsOf(readCsv(text, file));
    case 'tsv':
    case 'tab':
      return objectsOf(readTsv(text, file));
    default:
      return textsOf(text).texts.map((each) => ({ text: each }));
  }
}

function objectsOf({ columns, rows }: Delimited): Row[] {
  return rows.map((cells) => Object.fromEntries(columns.map((name, i) => [name, cells[i]])));
}
