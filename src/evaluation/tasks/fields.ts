/** The fields of one row, and what is said of a row that has them not. */
import { UnmaskError } from '../../diffusion/error.ts';
import { said, type Text } from '../../text/said.ts';
import type { Doc, Row, Task, TaskName } from './task.ts';

const REMEDY = 'Choose the data set of this task, or rows with query, choices and gold.';

export function badRow(message: Text): UnmaskError {
  return new UnmaskError({ code: 'data', message, remedy: REMEDY });
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
    if (Array.isArray(value) && value.length > 0) return value.map(String);
    throw badRow(said`Row ${this.index + 1} is no row of ${this.task}: it has no list in "${name}".`);
  }

  /** A place in a list of `count`: a number, or a letter or digit of `labels`. */
  place(name: string, count: number, labels = LETTERS): number {
    const value = this.row[name];
    const found =
      typeof value === 'number' || typeof value === 'bigint'
        ? Number(value)
        : typeof value === 'string' && labels.includes(value.trim())
          ? labels.indexOf(value.trim())
          : typeof value === 'string' && /^\d+$/.test(value.trim())
            ? Number(value)
            : -1;
    if (Number.isInteger(found) && found >= 0 && found < count) return found;
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
