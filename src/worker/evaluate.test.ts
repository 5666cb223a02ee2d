import { expect, test } from 'vitest';
import { defaultEvaluation } from '../evaluation/settings.ts';
import { createCompute } from './client.ts';
import { lineTo, onFallback } from './testing/surroundings.ts';

const load = { source: 'stories', model: 'stories', backend: 'fallback' } as const;

test('items are asked one by one, those that were asked are not, and every set of masks of a short answer is', async () => {
  const compute = createCompute(() => lineTo(onFallback));
  await compute.load(load);
  const rows = [
    { query: 'Lily was very', choices: ['happy.', 'of.'], gold: 0 },
    { query: 'The dog was very', choices: ['the.', 'big.'], gold: 1 },
    { query: 'One more', choices: ['a.', 'b.'], gold: 1 },
  ];
  const settings = { ...defaultEvaluation(), tasks: ['arc_easy'] as const, limit: 2, samples: 8, batch: 8 };
  const tasks = [{ task: 'arc_easy' as const, data: { kind: 'rows' as const, rows }, done: [0] }];
  const asked: number[] = [];
  for await (const event of compute.run('evaluate', { settings, tasks })) {
    if (event.kind === 'planned') {
      expect(event.tasks).toMatchObject([{ task: 'arc_easy', planned: 2, total: 3, rows: rows.slice(0, 2) }]);
    }
    if (event.kind !== 'item') continue;
    asked.push(event.item.index);
    expect(event.item.scores['acc']).toBe(1);
  }
  expect(asked).toEqual([1]);

  for await (const { policy, reference, pieces } of compute.run('maskSets', {
    prompt: 'Lily was',
    answer: ' very happy.',
    against: { doubt: 0.1 },
  })) {
    expect(policy).toHaveLength(2 ** pieces.length - 1);
    // One mask alone, and all of them: more masks are harder to guess.
    expect(policy.at(-1)).toBeGreaterThan(policy[0] as number);
    // A reference that doubts finds what is likely less likely.
    expect(reference[0]).toBeGreaterThan(policy[0] as number);
  }
  const long = compute.run('maskSets', {
    prompt: '',
    answer: 'far more words than any table of masks could hold at once',
    against: { doubt: 0.1 },
  });
  await expect(long.next()).rejects.toMatchObject({ code: 'canvas' });
  compute.dispose();
});
