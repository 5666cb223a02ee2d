/** The canvas as a table, and what is said of how accessible the page is. */
import { integer, say } from '../format.ts';
import type { Words } from '../words.ts';

export const access = (w: Words['access']) => ({
  ...w,
  statement: { ...w.statement, looked: (date: string) => say(w.statement.looked, { date }) },
  table: { ...w.table, atStep: (step: number) => say(w.table.atStep, { n: integer(step) }) },
});
