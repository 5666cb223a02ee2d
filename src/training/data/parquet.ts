/**
 * One field of a Parquet file, read by hyparquet row group by row group, by ranges: the file is never in memory whole.
 * Reading stops when enough text has come: `most` characters. Pages are checked before they are decoded, so that a damaged
 * file ends in a sentence; compressors but Snappy, which hyparquet has itself, are loaded when a file needs one.
 */

import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getTreePath } from 'hyparquet/src/schema.js';
import { isObject } from '../../checkpoint/damage.ts';
import type { FileSource, ReadOptions } from '../../checkpoint/model.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { said } from '../../text/said.ts';
import { otherFormat } from './decode-text.ts';
import { chooseField, type Field, type Row, SAMPLE, type Table, textOf } from './fields.ts';
import { checkPages, MOST_VALUES } from './parquet-check.ts';
import { dataError, MOST_TEXT } from './problem.ts';

interface ReadParquet extends ReadOptions {
  readonly column?: string | undefined;
  readonly chats?: boolean | undefined;
  readonly most?: number | undefined;
}

/** Throws `UnmaskError`: `data`, or what the source throws. Progress counts rows. */
export function readParquet(source: FileSource, file: string, options: ReadParquet): Promise<Table> {
  return withParquet(source, file, options, (parquet) => readChecked(parquet, file, options));
}

/** Whole rows with all their columns, at most `most` of them; what is declared no text and is UTF-8 is text. Throws as above. */
export function readParquetRows(
  source: FileSource,
  file: string,
  { most, ...options }: ReadOptions & { readonly most: number },
): Promise<{ readonly rows: Row[]; readonly total: number }> {
  return withParquet(source, file, options, async (parquet) => {
    const { row_groups: groups } = parquet.metadata;
    const total = groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    const columns = parquet.tree.children.map(({ element }) => element.name);
    const rows: Row[] = [];
    let rowStart = 0;
    for (const [index, group] of groups.entries()) {
      if (rows.length >= most) break;
      options.signal?.throwIfAborted();
      const rowEnd = rowStart + Number(group.num_rows);
      const end = Math.min(rowEnd, rowStart + most - rows.length);
      rows.push(...(await readGroup(parquet, index, columns, rowStart, end)).map((row) => inWords(row) as Row));
      rowStart = rowEnd;
    }
    return { rows, total };
  });
}

/** A value with its bytes as text. */
function inWords(value: unknown): unknown {
  if (value instanceof Uint8Array) return textOf(value) ?? value;
  if (Array.isArray(value)) return value.map(inWords);
  if (!isObject(value) || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inWords(each)]));
}

async function withParquet<T>(
  source: FileSource,
  file: string,
  { signal }: ReadOptions,
  read: (parquet: Parquet) => Promise<T>,
): Promise<T> {
  const byteLength = await source.size(file, { signal });
  if (byteLength === undefined) throw dataError(said`${file} is not there.`, 'Choose the file again.', file);
  if (byteLength === 0) throw dataError(said`${file} is empty.`, 'Choose a file with text in it.', file);
  try {
    const buffer = {
      byteLength,
      slice: async (start: number, end = byteLength) => {
        if (!(start >= 0 && start <= end && end <= byteLength))
          throw new Error(`bytes ${start} to ${end} are not in it`);
        return (await source.read(file, start, end, { signal })).slice().buffer as ArrayBuffer;
      },
    };
    return await read(await openParquet(buffer));
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof UnmaskError) throw cause;
    const other = otherFormat(file, await source.read(file, 0, Math.min(24, byteLength), { signal }), 'Parquet');
    if (other) throw other;
    const words = cause instanceof Error ? cause.message : String(cause);
    throw dataError(said`${file} cannot be read as Parquet: ${words}.`, 'Choose another file.', file, cause);
  }
}

interface Parquet {
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly tree: SchemaTree;
  readonly compressors: Compressors | undefined;
}

async function openParquet(buffer: AsyncBuffer): Promise<Parquet> {
  const metadata = await parquetMetadataAsync(buffer, { geoparquet: false });
  const codecs = metadata.row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data?.codec));
  const plain = codecs.every((codec) => codec === undefined || codec === 'UNCOMPRESSED' || codec === 'SNAPPY');
  const compressors = plain ? undefined : (await import('hyparquet-compressors')).compressors;
  for (const { num_rows: rows } of metadata.row_groups) {
    if (!(rows >= 0 && rows <= MOST_VALUES)) throw new Error(`a group of ${rows} rows`);
  }
  return { buffer, metadata, tree: parquetSchema(metadata), compressors };
}

async function readChecked(
  parquet: Parquet,
  file: string,
  { column: wanted, chats, most = MOST_TEXT, signal, onProgress }: ReadParquet,
): Promise<Table> {
  const { row_groups: groups } = parquet.metadata;
  const rows = groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (rows === 0) throw dataError(said`${file} has no rows.`, 'Choose another file.', file);
  // Strings, bytes, and what holds them; numbers and dates are no text.
  const wordy = parquet.tree.children.filter(holdsBytes).map(({ element }) => element.name);
  if (wordy.length === 0) throw dataError(said`${file} has no column of text.`, 'Choose another file.', file);
  const sample = await firstRows(parquet, wordy);
  const { field, columns, notes } = chooseField(sample, wanted, file, chats);
  const texts: string[] = [];
  let [characters, rowStart] = [0, 0];
  for (const [index, group] of groups.entries()) {
    if (characters > most) break;
    signal?.throwIfAborted();
    const rowEnd = rowStart + Number(group.num_rows);
    for (const row of await readGroup(parquet, index, field.columns, rowStart, rowEnd)) {
      const text = field.read(row);
      if (text === undefined) continue;
      texts.push(text);
      characters += text.length;
    }
    rowStart = rowEnd;
    onProgress?.(rowEnd, rows);
  }
  return { texts, columns, column: field.name, cut: rowStart < rows, notes };
}

const holdsBytes = ({ element, children }: SchemaTree): boolean =>
  children.length > 0 ? children.some(holdsBytes) : element.type === 'BYTE_ARRAY';

/** Some rows to choose the text from: those at the beginning of each group, until there are enough with text. */
async function firstRows(parquet: Parquet, columns: readonly string[]): Promise<Row[]> {
  const sample: Row[] = [];
  let rowStart = 0;
  for (const [index, group] of parquet.metadata.row_groups.entries()) {
    const rowEnd = rowStart + Number(group.num_rows);
    sample.push(...(await readGroup(parquet, index, columns, rowStart, Math.min(rowEnd, rowStart + SAMPLE))));
    rowStart = rowEnd;
    if (sample.length >= SAMPLE) break;
  }
  return sample;
}

/** Rows of one group, after its pages were checked. Bytes that are not declared to be text stay bytes. */
async function readGroup(
  { buffer, metadata, tree, compressors }: Parquet,
  index: number,
  columns: Field['columns'],
  rowStart: number,
  rowEnd: number,
): Promise<Row[]> {
  if (rowStart === rowEnd) return [];
  const group = metadata.row_groups[index];
  for (const { meta_data: chunk } of group?.columns ?? []) {
    if (chunk === undefined || !columns.includes(chunk.path_in_schema[0] as string)) continue;
    const path = getTreePath(tree, chunk.path_in_schema);
    if (!(chunk.num_values >= 0 && chunk.num_values <= MOST_VALUES)) throw new Error(`${chunk.num_values} values`);
    const repetition = getMaxRepetitionLevel(path);
    if (repetition === 0 && chunk.num_values < Number(group?.num_rows)) throw new Error('more rows than values');
    const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
    const bytes = await buffer.slice(start, start + Number(chunk.total_compressed_size));
    const { codec, type } = chunk;
    const values = Number(chunk.num_values);
    checkPages(bytes, { codec, type, values, repetition, definition: getMaxDefinitionLevel(path) }, compressors);
  }
  return parquetReadObjects({
    file: buffer,
    metadata,
    columns: [...columns],
    rowStart,
    rowEnd,
    utf8: false,
    parsers: { jsonFromBytes: (bytes: Uint8Array) => bytes && new TextDecoder().decode(bytes) },
    ...(compressors ? { compressors } : {}),
  });
}
