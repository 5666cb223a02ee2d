import { expect, test } from 'vitest';
import { fillCanvas } from '../../diffusion/canvas.ts';
import { NOTHING_ASKED } from '../../diffusion/network.ts';
import type { Step } from '../../diffusion/trace.ts';
import { editEvents } from './edit-events.ts';
import { frameAt, Look } from './frame.ts';
import { summaryOf } from './step-summary.ts';

const step = (index: number, ops: Step['ops']) => ({ index, ops, prediction: NOTHING_ASKED }) as unknown as Step;
const line = {
  start: { ...fillCanvas([0, 1, 2, 3], 9), states: Uint8Array.of(0, 2, 2, 2) },
  steps: [
    step(0, [
      { set: 1, id: 5 },
      { insert: 4, after: 1, id: 6 },
    ]),
    step(1, [{ remove: 2 }, { set: 4, id: 7 }]),
  ],
  edits: [],
  maskId: 9,
};

test('every edit is told with what stood there before, the latest first', () => {
  expect(editEvents(line, 2)).toEqual([
    { step: 1, kind: 'set', slot: 4, before: 6, after: 7 },
    { step: 1, kind: 'remove', slot: 2, before: 2, after: undefined },
    { step: 0, kind: 'insert', slot: 4, before: undefined, after: 6 },
    { step: 0, kind: 'set', slot: 1, before: 1, after: 5 },
  ]);
  expect(editEvents(line, 1)).toHaveLength(2);
});

test('a word that came in stands where it came in, one that goes is seen once more', () => {
  const [begin, first, last] = [0, 1, 2].map((playhead) => frameAt(line as never, playhead));
  expect([...(begin?.order ?? [])]).toEqual([0, 1, 2, 3]);
  expect([...(first?.order ?? [])]).toEqual([0, 1, 4, 2, 3]);
  expect((first?.looks[4] ?? 0) & Look.Inserted).toBeTruthy();
  expect((first?.looks[1] ?? 0) & Look.Rewritten).toBeTruthy();
  expect([...(last?.order ?? [])]).toEqual([0, 1, 4, 2, 3]);
  expect(last?.looks[2]).toBe(Look.Removed);
  expect(last?.ids[2]).toBe(2);
  // And then it is gone.
  const after = frameAt({ ...line, steps: [...line.steps, step(2, [])] } as never, 3);
  expect([...after.order]).toEqual([0, 1, 4, 3]);
  expect(summaryOf(line as never, 1)).toEqual({ written: 0, replaced: 1, maskedAgain: 0, inserted: 0, removed: 1 });
});
