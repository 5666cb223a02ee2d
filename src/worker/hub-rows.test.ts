/** Rows of a task from a hub on this machine: fetched once, gone on with after a break, each with its subject. */
import { expect, test } from 'vitest';
import { memoryDisk } from '../checkpoint/store/disk.ts';
import { Store } from '../checkpoint/store/store.ts';
import { serveHub } from '../checkpoint/testing/hub-server.ts';
import { docsOf, hubFiles, TASKS } from '../evaluation/tasks.ts';
import { fetchRows } from '../training/data/hub-rows.ts';
import { parquet } from '../training/testing/files.ts';

/** As C-Eval has them; the last row keeps its answer to itself. */
const subject = (name: string, count: number) =>
  parquet({
    question: Array.from({ length: count }, (_, i) => `${name} ${i}？${'很长'.repeat(200)}`),
    ...Object.fromEntries('ABCD'.split('').map((letter) => [letter, Array(count).fill(`选项${letter}`)])),
    answer: Array.from({ length: count }, (_, i) => (i === count - 1 ? '' : 'B')),
  });

test('all subjects of C-Eval come from the hub once, over a line that breaks, and one alone where it is asked for', async () => {
  const on = hubFiles(TASKS.ceval);
  if (on === undefined) throw new Error('C-Eval is on the hub');
  expect(on.files).toHaveLength(52);
  const files = new Map(on.files.map(({ file, subject: name }) => [file, subject(name ?? '', 3)]));
  await using hub = await serveHub(on.id, files);
  hub.branches.push('refs/convert/parquet');
  const store = new Store(memoryDisk());
  let broken = 0;
  hub.fault = ({ kind, name }) =>
    (kind === 'store' || kind === 'file') && name === 'law/val/0000.parquet' && broken++ === 0
      ? { dropAfter: 100 }
      : undefined;
  const { rows, commit } = await fetchRows(store, on, hub);
  expect(broken).toBeGreaterThan(1);
  expect(commit).toMatch(/^[0-9a-f]{40}$/);
  expect(rows).toHaveLength(52 * 3);
  // Subjects take turns: fifty-two items are one of each.
  const { asked, total } = docsOf(TASKS.ceval, rows, { limit: 52, shots: 1 });
  expect(total).toBe(52);
  expect(new Set(asked.map(({ index }) => rows[index]?.['subject'])).size).toBe(52);
  expect(asked.every(({ examples }) => examples.length === 1)).toBe(true);

  // Kept: the hub is not asked again, and need not be there.
  await hub.stop();
  expect((await fetchRows(store, on, hub)).rows).toEqual(rows);
  await hub.start();
  const law = hubFiles(TASKS.ceval, 'law');
  const alone = await fetchRows(store, law as NonNullable<typeof law>, hub);
  expect(alone.rows.map((row) => row['subject'])).toEqual(['law', 'law', 'law']);
});
