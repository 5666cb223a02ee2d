import { describe, expect, test } from 'vitest';
import { Slot } from '../../diffusion/canvas.ts';
import { writtenSlotsIn } from '../../diffusion/ops.ts';
import { recordedTrace } from '../testing/runs.ts';
import { branchAt, hasPendingChanges, keep, maskAgain, release, stepThatWrote, withChanges, write } from './change.ts';
import { frameAt } from './frame.ts';

describe('changing a run', () => {
  test('drops the steps after the playhead, which were made for another canvas', async () => {
    const trace = await recordedTrace();
    const slot = writtenSlotsIn(trace.steps[0]!)[0] as number;
    const changed = withChanges(trace, 2, [maskAgain(trace, slot)]);
    expect(changed.steps).toHaveLength(2);
    expect(frameAt(changed, 2).states[slot]).toBe(Slot.Remasked);
    expect(hasPendingChanges(changed, 2)).toBe(true);
    expect(trace.steps.length).toBeGreaterThan(2);
  });

  test('keep and let go again leave no trace behind', async () => {
    const trace = await recordedTrace();
    const slot = writtenSlotsIn(trace.steps[0]!)[0] as number;
    const kept = withChanges(trace, 2, [keep(frameAt(trace, 2), slot)]);
    expect(kept.edits).toHaveLength(1);
    const released = withChanges(kept, 2, [release(frameAt(kept, 2), slot)]);
    expect(released.edits).toEqual([]);
  });

  test('the later of two changes to one slot wins', async () => {
    const trace = await recordedTrace();
    const slot = writtenSlotsIn(trace.steps[0]!)[0] as number;
    const first = withChanges(trace, 1, write(frameAt(trace, 1), slot, [5]));
    const second = withChanges(first, 1, write(frameAt(first, 1), slot, [6]));
    expect(second.edits).toEqual([{ before: 1, slot, id: 6, state: Slot.Pinned }]);
  });

  test('writing past the end of the canvas is cut there', async () => {
    const trace = await recordedTrace();
    const last = trace.start.ids.length - 1;
    expect(write(frameAt(trace, 0), last, [1, 2, 3])).toEqual([{ slot: last, id: 1, state: Slot.Pinned }]);
  });

  test('a branch goes back to before a step and takes the kept words along', async () => {
    const trace = await recordedTrace();
    const end = trace.steps.length;
    const late = writtenSlotsIn(trace.steps.at(-1)!)[0] as number;
    const kept = withChanges(trace, end, [keep(frameAt(trace, end), late)]);
    const branch = branchAt(kept, frameAt(kept, end), 1);
    const frame = frameAt(branch, 1);
    expect(branch.steps).toHaveLength(1);
    expect(frame.states[late]).toBe(Slot.Pinned);
    expect(frame.ids[late]).toBe(frameAt(trace, end).ids[late]);
  });

  test('an edited slot remembers which step had written it', async () => {
    const trace = await recordedTrace();
    const slot = writtenSlotsIn(trace.steps[1]!)[0] as number;
    const end = trace.steps.length;
    const edited = withChanges(trace, end, write(frameAt(trace, end), slot, [7]));
    expect(stepThatWrote(edited, end, slot)).toBe(1);
    expect(stepThatWrote(edited, 1, slot)).toBe(-1);
  });
});
