/** The fields of one row, and what is said of a row that has them not. */
import { UnmaskError } from '../../diffusion/error.ts';
import { readCell } from '../../text/python-literal.ts';
import { said, type Text } from '../../text/said.ts';
import type { Doc, Row, Task, TaskName } from './task.ts';

const REMEDY = 'Choose the data set of this task, or rows with query, choices and gold.';

export function badRow(message: Text): UnmaskError {
  return new UnmaskError({ code: 'data', message, remedy: REMEDY });
}

const DIGITS = /^\d+$/;

/** A cell of a table holds lists and objects as JSON, or as Python prints them. */
export function nested(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  return readCell(value) ?? value;
}

/** Reads the fields of one row, and says which is missing. */
export class Fields {
  readonly row: Row;
  readonly task: string;
  readonly index: number;

  constructor(row: Row, task: string, index: number) {
    this.row = row;
    this.task = task;
    this.index = index;
  }

  has(...names: string[]): boolean {
    return names.every((name) => this.row[name] !== undefined && this.row[name] !== null);
  }

  text(...names: string[]): string {
    for (const name of names) {
      const value = this.row[name];
      if (typeof value === 'string') return value;
      if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    }
    throw this.noText(names[0] as string);
  }

  texts(name: string, value: unknown = this.row[name]): string[] {
    const list = nested(value);
    const holds = (each: unknown) => ['string', 'number', 'bigint'].includes(typeof each);
    if (Array.isArray(list) && list.length > 0 && list.every(holds)) return list.map(String);
    throw badRow(said`Row ${this.index + 1} is no row of ${this.task}: it has no list in "${name}".`);
  }

  /**
   * A place in a list of `count`: one of `labels`, or a number from 0. A table may have made numbers of labels that are
   * digits: of them 1 is the first, as in the data set.
   */
  place(name: string, count: number, labels = LETTERS): number {
    const value = this.row[name];
    const written = ['string', 'number', 'bigint'].includes(typeof value) ? String(value).trim() : '';
    const counts = !labels.some((label) => DIGITS.test(label));
    const found = counts && DIGITS.test(written) ? Number(written) : labels.indexOf(written);
    if (found >= 0 && found < count) return found;
    throw badRow(said`Row ${this.index + 1} is no row of ${this.task}: "${name}" names none of ${count} choices.`);
  }

  noText(name: string): UnmaskError {
    return badRow(said`Row ${this.index + 1} is no row of ${this.task}: it has no text in "${name}".`);
  }

  /** What the row is about, in the data set's own name. */
  subject(): string | undefined {
    const { subject } = this.row;
    return typeof subject === 'string' && subject !== '' ? subject : undefined;
  }

  id(): string {
    const { row } = this;
    const id = row['id'] ?? row['ind'] ?? row['key'] ?? row['index'] ?? row['question_id'] ?? row['unique_id'];
    return String(id ?? this.index);
  }
}

export const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');

export type ReadFields = (fields: Fields) => Doc | undefined;

export function reader(name: TaskName, read: ReadFields): Task['read'] {
  return (row, index) => read(new Fields(row, name, index));
}
