import { expect, test } from 'vitest';
import { writtenSlotsIn } from '../../diffusion/ops.ts';
import { recordedTrace } from '../testing/runs.ts';
import { frameAt, Look } from './frame.ts';
import { summaryOf } from './step-summary.ts';

test('a step of a plain order only writes', async () => {
  const trace = await recordedTrace();
  expect(trace.steps.map((_, index) => summaryOf(trace, index))).toEqual(
    trace.steps.map(({ ops }) => ({ written: ops.length, replaced: 0, maskedAgain: 0, inserted: 0, removed: 0 })),
  );
});

test('words replaced are told from words written, and are drawn as rewritten', async () => {
  const trace = await recordedTrace({ sampler: 'iterative-refinement', length: 20, steps: 8, block: 0 });
  let masks = 20;
  let replaced = 0;
  trace.steps.forEach((step, index) => {
    const summary = summaryOf(trace, index);
    masks += summary.maskedAgain - summary.written;
    const frame = frameAt(trace, index + 1);
    expect(frame.masks).toBe(masks);
    const before = frameAt(trace, index);
    for (const slot of writtenSlotsIn(step)) {
      if (before.writtenAt[slot] === -1) continue;
      replaced++;
      expect((frame.looks[slot] ?? 0) & Look.Rewritten).toBeTruthy();
      expect(frame.writtenAt[slot]).toBe(index);
    }
    expect(summary.written + summary.replaced).toBe(writtenSlotsIn(step).length);
  });
  expect(replaced).toBeGreaterThan(0);
});
