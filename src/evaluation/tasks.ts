/** All tasks, and which rows of their data are asked. */
import { UnmaskError } from '../diffusion/error.ts';
import { said } from '../text/said.ts';
import { CHOICES } from './tasks/choices.ts';
import { CEVAL_SUBJECTS, CMMLU_SUBJECTS } from './tasks/subjects.ts';
import type { Doc, HubFile, Row, Task, TaskName, Tasks } from './tasks/task.ts';
import { TEXTS } from './tasks/texts.ts';
import { WRITING } from './tasks/writing.ts';

export { type Doc, type Metric, type Row, type Scores, TASK_NAMES, type Task, type TaskName } from './tasks/task.ts';

export const TASKS: Tasks<TaskName> = { ...CHOICES, ...WRITING, ...TEXTS };

/** Tasks of which one subject may be asked alone, with its names in Chinese. */
export const SUBJECTS: Readonly<Partial<Record<TaskName, Readonly<Record<string, string>>>>> = {
  ceval: CEVAL_SUBJECTS,
  cmmlu: CMMLU_SUBJECTS,
};

/** Files of the hub that a task reads: of one subject, or of all. */
export function hubFiles(
  task: Task,
  subject = '',
): { readonly id: string; readonly files: readonly HubFile[] } | undefined {
  const { hub } = task;
  if (hub === undefined || subject === '') return hub;
  const files = hub.files.filter((each) => each.subject === subject);
  return files.length === 0 ? hub : { ...hub, files };
}

/**
 * Rows of a file, with their subject where only its name says it (`law_val.csv` of C-Eval, `agronomy.csv` of CMMLU), or
 * else `subject`; where `subject` is given, no others.
 */
export function rowsOfFile(task: TaskName, file: string, rows: readonly Row[], subject = ''): readonly Row[] {
  const known = SUBJECTS[task];
  if (known === undefined) return rows;
  const name = file.replace(/(?:_(?:dev|val|test))?[.][^.]*$/, '');
  const named = Object.hasOwn(known, name) ? name : subject;
  const told = named === '' ? rows : rows.map((row) => (row['subject'] ? row : { ...row, subject: named }));
  return subject === '' ? told : told.filter((row) => row['subject'] === subject);
}

/** A row that is asked, and what is shown before it. */
export interface AskedRow {
  readonly index: number;
  readonly doc: Doc;
  /** The first rows of its subject, with their answers. */
  readonly examples: readonly Doc[];
}

/**
 * The rows of a data set that are asked; the first `shots` of each subject are examples instead. Subjects take turns, so
 * that a limit leaves none out. `limit` 0 is all of them. `needed` are the numbers of the rows that are asked or shown;
 * others may be null. Throws as `Task.read` does.
 */
export function docsOf(
  task: Task,
  rows: readonly (Row | null)[],
  { limit, shots }: { readonly limit: number; readonly shots: number },
): { readonly asked: readonly AskedRow[]; readonly needed: ReadonlySet<number>; readonly total: number } {
  const subjects = new Map<unknown, { readonly index: number; readonly doc: Doc }[]>();
  for (const [index, row] of rows.entries()) {
    const doc = row === null ? undefined : task.read(row, index);
    if (row === null || doc === undefined) continue;
    const subject = row['subject'];
    const own = subjects.get(subject);
    if (own === undefined) subjects.set(subject, [{ index, doc }]);
    else own.push({ index, doc });
  }
  const lists = [...subjects.values()].map((own) => {
    const examples = own.slice(0, shots).map(({ doc }) => doc);
    return own.slice(shots).map((each) => ({ ...each, examples }));
  });
  const asked: AskedRow[] = [];
  for (let turn = 0; turn < Math.max(0, ...lists.map(({ length }) => length)); turn++) {
    for (const list of lists) if (turn < list.length) asked.push(list[turn] as AskedRow);
  }
  if (asked.length === 0) {
    const docs = [...subjects.values()].reduce((sum, own) => sum + own.length, 0);
    const message = said`The data for ${task.name} has ${docs} rows that can be asked, and ${shots} of them are examples.`;
    throw new UnmaskError({ code: 'data', message, remedy: 'Give more rows.' });
  }
  const chosen = limit === 0 ? asked : asked.slice(0, limit);
  const shown = [...subjects.values()].flatMap((own) => own.slice(0, shots));
  return { asked: chosen, needed: new Set([...shown, ...chosen].map(({ index }) => index)), total: asked.length };
}
