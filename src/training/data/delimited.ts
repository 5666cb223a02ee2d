/**
 * Rows of a table in plain text. TSV is read as IANA's text/tab-separated-values says: a tab or a line end always
 * separates, a quotation mark is a character like any other. CSV follows RFC 4180, but a quotation mark that opens a field
 * and never closes it properly, or only after swallowing whole rows, counts as a character, too. Own code, because
 * parsers for CSV take everything up to the next quotation mark as one field, or give up.
 */
import { said, type Text } from '../../text/said.ts';
import { dataError } from './problem.ts';

export interface Delimited {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly Text[];
}

export function readTsv(text: string, file: string): Delimited {
  const { body, notes } = withoutComments(text, '\t', file);
  const lines = body.split(/\r\n?|\n/).filter((line) => line.trim() !== '');
  const table = withNames(
    lines.map((line) => line.split('\t')),
    file,
  );
  return { ...table, notes: [...notes, ...table.notes, ...commasNote(body, file)] };
}

/** A file without a tab whose rows have as many fields between other signs. */
function commasNote(text: string, file: string): Text[] {
  const head = text.slice(0, 50_000);
  if (head.includes('\t')) return [];
  const widths = parse(head, delimiterOf(head))
    .rows.slice(0, 200)
    .map((row) => row.length);
  const alike = widths.length > 4 && (widths[0] as number) > 1 && widths.every((width) => width === widths[0]);
  return alike ? [said`${file} looks like a table. Under a name that ends in ${'.csv'} one column of it is read.`] : [];
}

/** Lines behind a #, before anything else. */
const ABOVE = /^(?:#[^\r\n]*(?:\r\n?|\n))+/;

/** Programs of science write a few words about a table above it, each line behind a #. */
function withoutComments(text: string, delimiter: string, file: string): { body: string; notes: Text[] } {
  const [above = ''] = ABOVE.exec(text) ?? [];
  const fields = (line = '') => line.split(delimiter).length;
  const width = fields(text.slice(above.length).split(/[\r\n]/, 1)[0]);
  // A # may also begin the name of the first column, in a row of as many fields.
  const lines = above.split(/\r\n?|\n/).filter((line) => line !== '' && fields(line) !== width);
  if (lines.length === 0 || width < 2) return { body: text, notes: [] };
  const body = text.slice(lines.reduce((end, line) => text.indexOf(line, end) + line.length, 0)).trimStart();
  return { body, notes: [said`Lines at the beginning of ${file} that begin with # are left out: ${lines.length}.`] };
}

export function readCsv(text: string, file: string): Delimited {
  // Excel says with which character it separates.
  const separator = /^"?sep=([^\r\n"])"?\r?\n/i.exec(text);
  const whole = separator ? text.slice(separator[0].length) : text;
  const delimiter = separator?.[1] ?? delimiterOf(whole.replace(ABOVE, ''));
  const { body, notes } = withoutComments(whole, delimiter, file);
  const { rows, stray } = parse(body, delimiter);
  const table = withNames(rows, file, delimiter);
  const open = said`${file} has quotation marks that are not closed; they are read as they stand.`;
  return { ...table, notes: [...notes, ...table.notes, ...(stray === 0 ? [] : [open])] };
}

const DELIMITERS = [',', ';', '\t', '|', '^', '::'];
/** What stands between the words of a first row, other than what belongs to names and prose everywhere. */
const BETWEEN = / ?[^\p{L}\p{M}\p{N}\s"'“”‘’()[\]{}<>\\/_.#:$%&-]{1,8}(?:\$[^\p{L}\p{N}\s"']{1,4})? ?/gu;

/** The one that cuts the beginning into rows of the same number of fields, the most of them. */
function delimiterOf(text: string): string {
  // A last row may be cut there.
  const head = text.length > 50_000 ? text.slice(0, 50_000) : text;
  const first = /^[^\r\n]{0,2000}/.exec(head.trimStart())?.[0] ?? '';
  const odd = [...new Set(first.match(BETWEEN))].filter((one) => !DELIMITERS.includes(one.trim())).slice(0, 8);
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of [...DELIMITERS, ...odd]) {
    const rows = parse(head, delimiter).rows.slice(0, 200);
    if (!mayDelimit(delimiter, head, rows)) continue;
    const counts = rows.map((row) => row.length);
    const width = counts[0] ?? 1;
    const alike = counts.filter((count) => count === width).length / counts.length;
    const score = width > 1 ? alike + 0.001 * Math.min(width, 100) : 0;
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

/** Whether a sign that also stands in prose, or is a part of a longer one, separates here. */
function mayDelimit(delimiter: string, text: string, rows: readonly (readonly string[])[]): boolean {
  if (delimiter === '|') return /(?<!\|)\|(?!\|)/.test(text);
  if (DELIMITERS.includes(delimiter)) return true;
  const [head = [], ...rest] = rows;
  if (rest.filter((row) => row.length < head.length).length > 0.05 * rest.length) return false;
  const names = head.every((cell) => /^[\p{L}_][\p{L}\p{M}\p{N}_ -]{0,19}$/u.test(cell.trim()));
  return delimiter.trim().length > 2 || names || rows.every(([cell = '']) => NUMBER.test(cell.trim()));
}

interface Parsed {
  readonly rows: string[][];
  /** Quotation marks that open a field and do not close it. */
  readonly stray: number;
}

/** Rows of CSV; empty lines are left out. */
function parse(text: string, delimiter: string): Parsed {
  const rows: string[][] = [];
  let [at, stray] = [0, 0];
  // Some programs write a space behind each separator, before a quotation mark, too.
  const [first = ''] = text.split(/[\r\n]/, 1);
  const spaced =
    first.split(delimiter).length > 1 &&
    first
      .split(delimiter)
      .slice(1)
      .every((cell) => cell.startsWith(' '));
  const endOfField = new RegExp(`[\\r\\n]|${delimiter.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}`, 'g');
  while (at < text.length) {
    const row: string[] = [];
    for (;;) {
      if (spaced && text.startsWith(' "', at)) at++;
      const quoted = text[at] === '"' ? quotedField(text, at, delimiter, rows) : undefined;
      if (quoted !== undefined) {
        row.push(quoted.value);
        at = quoted.end;
      } else {
        if (text[at] === '"') stray++;
        endOfField.lastIndex = at;
        const end = endOfField.exec(text)?.index ?? text.length;
        row.push(text.slice(at, end));
        at = end;
      }
      if (!text.startsWith(delimiter, at)) break;
      at += delimiter.length;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    if (row.some((cell) => cell.trim() !== '')) rows.push(row);
  }
  return { rows, stray };
}

/** Characters; so that a mark that is never closed costs no reading to the end of a large file. */
const LONGEST_FIELD = 2 ** 22;

/** The field whose opening quotation mark is at `from`; undefined when that mark does not open one. */
function quotedField(text: string, from: number, delimiter: string, rows: readonly string[][]) {
  const parts: string[] = [];
  let start = from + 1;
  for (;;) {
    const close = text.indexOf('"', start);
    if (close < 0 || close - from > LONGEST_FIELD) return undefined;
    const after = text[close + 1];
    // Spark and MySQL escape by a backslash.
    const ends = endsField(text, after === '"' ? close + 2 : close + 1, delimiter);
    if (text[close - 1] === '\\' && close > start && (after === '"') === ends) {
      parts.push(text.slice(start, close - 1), '"');
      start = close + 1;
      continue;
    }
    parts.push(text.slice(start, close));
    if (after === '"') {
      parts.push('"');
      start = close + 2;
      continue;
    }
    if (!endsField(text, close + 1, delimiter)) return undefined;
    const value = parts.join('');
    return swallows(value, delimiter, rows) ? undefined : { value, end: close + 1 };
  }
}

const endsField = (text: string, at: number, delimiter: string) =>
  at >= text.length || text.startsWith(delimiter, at) || text[at] === '\n' || text[at] === '\r';

/**
 * Whether a field that reaches over line ends holds whole rows: most of its lines have as many delimiters as a row, and
 * begin or end with a word or number of the same form. A verse or an address has commas, too, but begins in many ways.
 */
function swallows(value: string, delimiter: string, rows: readonly string[][]): boolean {
  const width = rows[0]?.length ?? 0;
  if (!/[\r\n]/.test(value)) return false;
  // The first and the last of them are the ends of other rows.
  const lines = value
    .split(/\r\n?|\n/)
    .slice(1, -1)
    .slice(0, 100);
  const before = rows.slice(1).slice(-200);
  if (width < 2) return likeRows(lines, before);
  const cells = lines.map((line) => line.split(delimiter)).filter((row) => row.length >= width);
  return [0, -1].some((at) => {
    const forms = cells.map((row) => formOf(row.at(at) ?? ''));
    const usual = new Set(
      before.length > 0 ? before.map((row) => formOf(row.at(at) ?? '')) : forms.slice(0, forms.length >= 3 ? 1 : 0),
    );
    const like = forms.filter((form) => form !== '' && !/\s/.test(form) && usual.has(form));
    return like.length > 0.8 * lines.length;
  });
}

/** Of a table of one column: several lines, each about as long as the rows before them, none of which had a line end. */
function likeRows(lines: readonly string[], before: readonly (readonly string[])[]): boolean {
  const cells = before.map(([cell = '']) => cell);
  if (lines.length < 3 || cells.length < 3 || cells.some((cell) => /[\r\n]/.test(cell))) return false;
  const middle = (texts: readonly string[]) =>
    texts.map(({ length }) => length).sort((a, b) => a - b)[texts.length >> 1];
  const [long, usual] = [middle(lines) ?? 0, middle(cells) ?? 0];
  return long > 0.5 * usual && long < 2 * usual;
}

/** "conv-0012-b" and "row-7-a" have one form. */
const formOf = (cell: string) =>
  cell
    .trim()
    .replace(/\p{L}+/gu, 'a')
    .replace(/\d+/g, '0');

const NUMBER = /^[+-]?\d+(?:[.,]\d+)*$/;
const DATE = /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/;

/** Names of the columns from the first row, or numbers where it is a row like the others. */
function withNames(all: readonly (readonly string[])[], file: string, delimiter?: string): Delimited {
  const [head = [], ...rest] = all;
  if (all.length === 0) throw dataError(said`${file} has no rows.`, 'Choose another file.', file);
  const named = isHead(head, rest);
  const width = named ? head.length : Math.max(...all.slice(0, 1000).map((row) => row.length));
  const names = Array.from({ length: width }, (_, i) => (named ? (head[i] ?? '').trim() : ''));
  const seen = new Set<string>();
  const columns = names.map((name, i) => {
    let own = name === '' ? `column ${i + 1}` : name;
    while (seen.has(own)) own += ' (again)';
    seen.add(own);
    return own;
  });
  const rows = named ? rest : all;
  if (rows.length === 0) throw dataError(said`${file} has no rows.`, 'Choose another file.', file);
  const notes: Text[] = named ? [] : [said`The first row of ${file} holds no names of columns, so they are numbered.`];
  const long = rows.filter((row) => row.length > width).length;
  const short = rows.filter((row) => row.length < width).length;
  if (long + short > 0) {
    notes.push(said`${long + short} of ${rows.length} rows of ${file} have more or fewer fields than the first.`);
  }
  if (long === 0) return { columns, rows, notes };
  // What is too much belongs to the last column: a text whose own commas nobody quoted.
  const joined = rows.map((row) =>
    row.length > width ? [...row.slice(0, width - 1), row.slice(width - 1).join(delimiter ?? '\t')] : row,
  );
  return { columns, rows: joined, notes };
}

/** Whether the first row names the columns: short words, none of which is a value that the column has again. */
function isHead(head: readonly string[], rest: readonly (readonly string[])[]): boolean {
  // Alone it names them where it is a row of several words.
  if (rest.length === 0) return head.length > 1 && head.every((cell) => /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(cell.trim()));
  return head.every((cell, at) => {
    const name = cell.trim();
    if (name === '') return true; // as pandas names its index
    if (NUMBER.test(name) || DATE.test(name) || /^[a-z]+:\/\//i.test(name) || name.length > 80) return false;
    const long = name.split(/\s+/).length > 3 || /[\u3040-\u30ff\u4e00-\u9fff]{4}/.test(name);
    if (long && /[.!?。！？]["'”’」]?$/.test(name)) return false;
    const column = rest.slice(0, 500).map((row) => row[at]?.trim());
    return column.filter((value) => value === name).length < 2;
  });
}
