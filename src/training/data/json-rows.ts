/**
 * Rows of JSON: one value a line (jsonlines.org), an array of them, or an object that holds one array, as data sets and
 * their exporters write them. Python also writes NaN and Infinity, which JSON does not have; they are read as nothing.
 */

import { isObject, type Json } from '../../checkpoint/damage.ts';
import { said, type Text } from '../../text/said.ts';
import type { Row } from './fields.ts';
import { dataError } from './problem.ts';

export interface JsonRows {
  readonly rows: readonly Row[];
  readonly notes: readonly Text[];
}

/** Throws `UnmaskError` code `data`, which names the line. */
export function readJsonLines(text: string, file: string): JsonRows {
  if (/^\s*\[/.test(text)) {
    const whole = parsed(text);
    // A file of this ending may hold one array; one whose every line is an array has several.
    if (whole !== undefined) return fromValue(whole.value, file, whole.nan);
  }
  const rows: Row[] = [];
  let nan = 0;
  if (/^\s*[{[][ \t]*\r?\n/.test(text)) {
    // Programs that print JSON for people spread one value over many lines.
    const values = spread(text).map(parsed);
    if (values.every((value) => value !== undefined)) {
      return {
        rows: values.map(({ value }) => rowOf(value)),
        notes: nanNote(values.filter((value) => value.nan).length, file),
      };
    }
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = parsed(line);
    if (read === undefined) throw notJson(file, index + 1);
    nan += Number(read.nan);
    rows.push(rowOf(read.value));
  }
  return { rows, notes: nanNote(nan, file) };
}

/** Throws `UnmaskError` code `data`, which names the line. */
export function readJson(text: string, file: string): JsonRows {
  const whole = parsed(text);
  if (whole !== undefined) return fromValue(whole.value, file, whole.nan);
  // Many files of lines have this ending.
  const [first = ''] = text.trimStart().split('\n', 1);
  if (parsed(first) !== undefined) return readJsonLines(text, file);
  throw notJson(file, lineOfDamage(text));
}

/** Values one after the other, each from its first bracket to the one that closes it. */
function spread(text: string): string[] {
  const values: string[] = [];
  let [depth, from] = [0, 0];
  for (const { 0: sign, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs)) {
    if (sign === '{' || sign === '[') depth++;
    else if (sign === '}' || sign === ']') depth--;
    if (depth !== 0 || sign.startsWith('"')) continue;
    values.push(text.slice(from, index + 1));
    from = index + 1;
  }
  return text.slice(from).trim() === '' ? values : [...values, text.slice(from)];
}

function notJson(file: string, line: number) {
  return dataError(said`Line ${line} of ${file} is no JSON.`, 'Mend the line, or choose another file.', file);
}

function nanNote(lines: number, file: string): Text[] {
  return lines === 0 ? [] : [said`NaN or Infinity stands in ${file}, which JSON does not have; it is read as nothing.`];
}

interface Value {
  readonly value: unknown;
  /** Whether it held NaN or Infinity. */
  readonly nan: boolean;
}

function parsed(text: string): Value | undefined {
  try {
    return { value: JSON.parse(text), nan: false };
  } catch {
    if (!/NaN|Infinity/.test(text)) return undefined;
  }
  try {
    return {
      value: JSON.parse(text.replace(STRING_OR_NAN, (found) => (found[0] === '"' ? found : 'null'))),
      nan: true,
    };
  } catch {
    return undefined;
  }
}

const STRING_OR_NAN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/gs;

/** The line of the first thing that is no word of JSON, or of what the engine names; without either the last one. */
function lineOfDamage(text: string): number {
  const word = /\s*(?:[{}[\],:]|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
  let at = 0;
  while (word.test(text)) at = word.lastIndex;
  at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
  try {
    JSON.parse(text);
  } catch (error) {
    const place = /position (\d+)/.exec(error instanceof Error ? error.message : '');
    if (place) at = Math.min(at, Number(place[1]));
  }
  return text.slice(0, at).split('\n').length;
}

function fromValue(value: unknown, file: string, nan: boolean): JsonRows {
  const list = listIn(value, 0);
  if (list === undefined || list.length === 0) {
    throw dataError(said`${file} holds no list of texts.`, 'Give one array of texts or of objects.', file);
  }
  return { rows: list.map(rowOf), notes: [...nanNote(Number(nan), file), ...otherLists(value, list, file)] };
}

/** A file may hold several tables, as one for training and one for testing; the longest is read. */
function otherLists(value: unknown, taken: readonly unknown[], file: string): Text[] {
  if (!isObject(value)) return [];
  const lists = Object.entries(value).filter(
    ([, each]) => Array.isArray(each) && each.length > 0 && each.every(isObject),
  );
  const name = lists.find(([, each]) => each === taken)?.[0];
  const others = lists.filter(([, each]) => each !== taken).map(([other]) => other);
  if (name === undefined || others.length === 0) return [];
  return [said`Of the lists in ${file} only ${name} is read, not ${others.join(', ')}.`];
}

/** The rows in a value: an array, the longest array in an object, or an object of rows or columns. */
function listIn(value: unknown, depth: number): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isObject(value) || depth > 3) return undefined;
  const values = Object.values(value);
  const columns = splitIn(value) ?? columnsIn(value);
  if (columns !== undefined) return columns;
  const inner = values.map((each) => (isObject(each) || Array.isArray(each) ? listIn(each, depth + 1) : undefined));
  const longest = inner.reduce((best, each) => ((each?.length ?? 0) > (best?.length ?? 0) ? each : best), undefined);
  // One array among the values, or many rows by their names.
  if (values.some(Array.isArray) && longest !== undefined)
    return isTexts(longest) && hasText(value) ? [value] : longest;
  if (values.length > 1 && values.every(isObject)) return values;
  if (longest !== undefined && !hasText(value)) return longest;
  return values.length > 3 && values.every((each) => typeof each === 'string') ? values : [value];
}

const hasText = (value: Json) => Object.values(value).some((each) => typeof each === 'string' && each.length > 200);
const isTexts = (list: readonly unknown[]) => list.every((each) => typeof each === 'string');

/** Names and rows apart, as pandas writes with orient='split'. */
function splitIn({ columns, data }: Json): readonly Row[] | undefined {
  if (!Array.isArray(columns) || !Array.isArray(data) || !data.every(Array.isArray)) return undefined;
  return data.map((cells: readonly unknown[]) =>
    Object.fromEntries(columns.map((name, i) => [String(name), cells[i]])),
  );
}

/** A table by columns: lists of one length, or (pandas) objects from row number to value. */
function columnsIn(value: Json): readonly Row[] | undefined {
  const columns = Object.entries(value);
  const lists = columns.map(([, cells]) => {
    if (Array.isArray(cells)) return cells;
    return isObject(cells) && Object.keys(cells).length > 0 && Object.keys(cells).every((key) => /^\d+$/.test(key))
      ? Object.values(cells)
      : undefined;
  });
  const length = lists[0]?.length ?? 0;
  if (length < 2 || lists.some((list) => list?.length !== length)) return undefined;
  // A single list may hold rows rather than cells.
  if (lists.length === 1 && lists[0]?.every((cell) => typeof cell !== 'string')) return undefined;
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(columns.map(([name], column) => [name, lists[column]?.[row]])),
  );
}

function rowOf(value: unknown): Row {
  if (isObject(value)) return value;
  if (Array.isArray(value) && !value.every(isObject)) {
    return Object.fromEntries(value.map((cell, i) => [`column ${i + 1}`, cell]));
  }
  return { text: value };
}
