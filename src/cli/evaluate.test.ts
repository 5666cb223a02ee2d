import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseEvaluate } from './evaluate-arguments.ts';
import { programsInOne } from './testing/programs.ts';

const scratch = mkdtempSync(join(tmpdir(), 'unmask-evaluate-'));
const start = programsInOne();
const file = (name: string, rows: readonly object[]) => {
  const path = join(scratch, name);
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  return path;
};
const words = file('words.jsonl', [
  { text: 'Once upon a time' },
  { text: 'The dog was very happy' },
  { text: 'They lived happily ever after' },
]);
const choices = file('choices.jsonl', [
  { query: 'Lily saw a big', choices: ['dog.', 'of.'], gold: 0 },
  { query: 'Tom was very', choices: ['the.', 'happy.'], gold: 1 },
]);

test('values, errors, settings and every item are written, and a part of them is gone on with', async () => {
  const out = join(scratch, 'out.json');
  const argv = [
    '--tasks',
    'lambada,arc_easy,exact_match',
    '--data',
    `lambada=${words}`,
    '--data',
    `arc_easy=${choices}`,
  ];
  const more = [...argv, '--data', `exact_match=${file('answers.jsonl', [{ prompt: 'Once upon a', answer: 'time' }])}`];
  const how = ['--samples', '8', '--batch', '8', '--length', '4', '--steps', '4', '--out', out];
  const first = await start('evaluate', ...more, ...how);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toMatch(/\| arc_easy \| 2 \| acc_norm \| [\d.]+ ± [\d.]+ \| 0\.500 \|/);
  expect(first.stderr).toContain('6 items');
  const record = JSON.parse(readFileSync(out, 'utf8'));
  expect(record).toMatchObject({ format: 'unmask-evaluation', model: 'stories', settings: { samples: 8, limit: 100 } });
  expect(record.revision).toMatch(/^sha256-[0-9a-f]{64}$/);
  expect(record.samples.lambada[0].arguments).toEqual([['Once upon a', ' time']]);
  expect(record.results.lambada['acc,none']).toBeGreaterThan(0);

  // As if it had been stopped in the middle of the second task.
  const { lambada, arc_easy: arc } = record.samples;
  const cut = { ...record, samples: { ...record.samples, arc_easy: arc.slice(0, 1), exact_match: [] } };
  writeFileSync(out, JSON.stringify(cut));
  const second = await start('evaluate', ...more, ...how);
  expect(second.stderr).toContain('2 items');
  const again = JSON.parse(readFileSync(out, 'utf8'));
  expect(again.samples.lambada).toEqual(lambada);
  expect(again.samples.arc_easy).toEqual(arc);

  const other = await start('evaluate', ...more, ...how, '--seed', '7');
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('holds another evaluation')]);
});

test.each([
  [['--tasks', 'lambda'], /There is no task "lambda"/],
  [['--data', 'nowhere.jsonl'], /there is no file nowhere.jsonl/],
  [['--limit', 'all'], /--limit must be a whole number from 0/],
  [['--judge', 'nobody'], /There is no folder nobody/],
])('%j is refused in words', (argv, message) => {
  expect(() => parseEvaluate(argv)).toThrow(message);
});
