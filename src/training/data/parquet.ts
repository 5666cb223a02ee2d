/**
 * One column of a Parquet file, read by hyparquet row group by row group, by ranges: the file is never in memory whole.
 * Reading stops when enough text has come: `most` characters.
 */

import type { FileSource, ReadOptions } from '../../checkpoint/model.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { said } from '../../text/said.ts';
import { dataError, MOST_TEXT } from './problem.ts';
import { chooseColumn, type Table } from './tables.ts';

/** Throws `UnmaskError`: `data`, or what the source throws. Progress counts rows. */
export async function readParquet(
  source: FileSource,
  file: string,
  {
    column: wanted,
    most = MOST_TEXT,
    signal,
    onProgress,
  }: ReadOptions & { readonly column?: string | undefined; readonly most?: number | undefined },
): Promise<Table> {
  const byteLength = await source.size(file, { signal });
  if (byteLength === undefined) throw dataError(said`${file} is not there.`, 'Choose the file again.', file);
  if (byteLength === 0) throw dataError(said`${file} is empty.`, 'Choose a file with text in it.', file);
  const { parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const buffer = {
    byteLength,
    slice: async (start: number, end = byteLength) => (await source.read(file, start, end, { signal })).slice().buffer,
  };
  try {
    const metadata = await parquetMetadataAsync(buffer);
    // Only columns at the root: a text inside lists or structs has no one place in a row.
    const columns = metadata.schema
      .slice(1)
      .filter(({ type, num_children, logical_type, converted_type }) => {
        return type === 'BYTE_ARRAY' && !num_children && (converted_type === 'UTF8' || logical_type?.type === 'STRING');
      })
      .map(({ name }) => name);
    const column = chooseColumn(columns, wanted, file);
    const rows = Number(metadata.num_rows);
    const texts: string[] = [];
    let [characters, rowStart] = [0, 0];
    for (const group of metadata.row_groups) {
      if (characters > most) break;
      signal?.throwIfAborted();
      const rowEnd = rowStart + Number(group.num_rows);
      const read = await parquetReadObjects({ file: buffer, metadata, columns: [column], rowStart, rowEnd });
      for (const { [column]: value } of read) {
        if (typeof value !== 'string') continue;
        texts.push(value);
        characters += value.length;
      }
      rowStart = rowEnd;
      onProgress?.(rowEnd, rows);
    }
    return { texts, columns, column, cut: rowStart < rows };
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof UnmaskError) throw cause;
    const words = cause instanceof Error ? cause.message : String(cause);
    throw dataError(said`${file} cannot be read as Parquet: ${words}.`, 'Choose another file.', file, cause);
  }
}
