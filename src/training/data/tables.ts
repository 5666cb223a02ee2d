/** Texts from one column of JSON lines (jsonlines.org) or CSV (RFC 4180, read by Papa Parse). */

import { isObject } from '../../checkpoint/damage.ts';
import { said } from '../../text/said.ts';
import { dataError } from './problem.ts';

export interface Table {
  readonly texts: readonly string[];
  /** Those that hold words. */
  readonly columns: readonly string[];
  readonly column: string;
  readonly cut: boolean;
}

/** The column asked for, or `text`, or the first. Throws `UnmaskError` code `data` when there is none of that name. */
export function chooseColumn(columns: readonly string[], wanted: string | undefined, file: string): string {
  if (columns.length === 0) throw dataError(said`${file} has no column of text.`, 'Choose another file.', file);
  if (wanted === undefined || wanted === '') return columns.includes('text') ? 'text' : (columns[0] as string);
  if (columns.includes(wanted)) return wanted;
  const message = said`${file} has no text in a column "${wanted}".`;
  throw dataError(message, said`Choose one of ${columns.slice(0, 10).join(', ')}.`, file);
}

export function readJsonLines(text: string, file: string, wanted?: string): Table {
  const rows = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      const value: unknown = JSON.parse(line);
      // A line may be a string alone.
      if (typeof value === 'string') return [{ text: value }];
      if (isObject(value)) return [value];
    } catch {
      // told below
    }
    throw dataError(
      said`Line ${index + 1} of ${file} is no JSON object.`,
      'Mend the line, or choose another file.',
      file,
    );
  });
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row).filter((key) => typeof row[key] === 'string')))];
  const column = chooseColumn(columns, wanted, file);
  const texts = rows.map((row) => row[column]).filter((value) => typeof value === 'string');
  return { texts, columns, column, cut: false };
}

export async function readCsv(text: string, file: string, wanted?: string): Promise<Table> {
  const { default: papa } = await import('papaparse');
  const { data, errors } = papa.parse<string[]>(text, {
    skipEmptyLines: 'greedy',
    ...(file.endsWith('.tsv') ? { delimiter: '\t' } : {}),
  });
  const wrong = errors.find(({ type }) => type === 'Quotes');
  if (wrong !== undefined) {
    throw dataError(
      said`Row ${(wrong.row ?? 0) + 1} of ${file} has a quotation mark that is not closed.`,
      'Mend it.',
      file,
    );
  }
  const [head = [], ...rows] = data;
  const hasWords = (at: number) => rows.some((row) => /\p{L}/u.test(row[at] ?? ''));
  const columns = head.filter((name, at) => name !== '' && hasWords(at));
  const column = chooseColumn(columns, wanted, file);
  const at = head.indexOf(column);
  return { texts: rows.map((row) => row[at] ?? ''), columns, column, cut: false };
}
