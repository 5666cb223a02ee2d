import { IDBFactory } from 'fake-indexeddb';
import { expect, test, vi } from 'vitest';
import type { EvaluationRecord } from '../../../evaluation/record.ts';
import { defaultEvaluation } from '../../../evaluation/settings.ts';
import { type KeptEvaluation, keep, keptEvaluations } from './kept.ts';

test('one evaluation that is damaged hides no other, and none is drawn that is not whole', async () => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  const record = (began: string): EvaluationRecord => ({
    ...{ model: 'toy', device: 'table', settings: defaultEvaluation(), data: {}, began, tasks: [] },
  });
  const rows = { arc_easy: [null, { query: 'x' }] };
  await keep({ id: 'old', record: record('2026-11-28T00:00:00.000Z'), rows });
  await keep({ id: 'new', record: record('2026-11-30T00:00:00.000Z'), rows });
  const damaged: unknown[] = [
    { id: 'date', record: record('never'), rows },
    { id: 'none', rows },
    { id: 'tasks', record: { ...record('2026-11-29T00:00:00.000Z'), tasks: [{ task: 'arc_easy' }] }, rows },
    { id: 'text', record: 'a record' },
  ];
  for (const each of damaged) await keep(each as KeptEvaluation);
  expect(await keptEvaluations()).toMatchObject([
    { id: 'new', rows },
    { id: 'old', rows },
  ]);
  vi.unstubAllGlobals();
});
