/**
 * What a person does to a run: keep a word, mask it again, write another, branch. A change belongs to the moment of the
 * playhead; the steps after it are dropped from the new Trace, because they were made for another canvas.
 */

import { openId, Slot } from '../../diffusion/canvas.ts';
import { writtenSlotsIn } from '../../diffusion/ops.ts';
import { cutTo } from '../../diffusion/segments.ts';
import type { Edit, Step, Trace } from '../../diffusion/trace.ts';
import { type Frame, frameAt, standingSlots } from './frame.ts';

export type SlotChange = Omit<Edit, 'before'>;

/** The run up to the playhead with these slots changed. A later change of the same slot at the same moment wins. */
export function withChanges(trace: Trace, playhead: number, changes: readonly SlotChange[]): Trace {
  const changed = new Set(changes.map((change) => change.slot));
  const kept = trace.edits.filter(
    (edit) => edit.before < playhead || (edit.before === playhead && !changed.has(edit.slot)),
  );
  const before = withoutEdits(trace, playhead, changed);
  const needed = changes.filter(({ slot, id, state }) => before.ids[slot] !== id || before.states[slot] !== state);
  const edits = [...kept, ...needed.map((change) => ({ ...change, before: playhead }))];
  return { ...cutTo(trace, playhead), edits };
}

/** The canvas at the playhead as it was before anything was changed there. */
function withoutEdits(trace: Trace, playhead: number, slots: ReadonlySet<number>): Frame {
  const edits = trace.edits.filter((edit) => edit.before !== playhead || !slots.has(edit.slot));
  return frameAt({ ...trace, edits }, playhead);
}

export function keep(frame: Frame, slot: number): SlotChange {
  return { slot, id: frame.ids[slot] as number, state: Slot.Pinned };
}

/** Undoes `keep`: the word stands, but a branch may write it anew. */
export function release(frame: Frame, slot: number): SlotChange {
  return { slot, id: frame.ids[slot] as number, state: Slot.Revealed };
}

export function maskAgain(trace: Trace, slot: number): SlotChange {
  return { slot, id: openId(trace.maskId), state: Slot.Remasked };
}

/** Writes these ids from `slot` on. Words that do not fit on the canvas are left out. */
export function write(frame: Frame, slot: number, ids: readonly number[]): SlotChange[] {
  const slots = standingSlots(frame);
  const from = slots.indexOf(slot);
  return Array.from(slots.subarray(from, from + ids.length), (own, i) => ({
    slot: own,
    id: ids[i] as number,
    state: Slot.Pinned,
  }));
}

/** The run rewound to before step `to`, with every word kept by the user at the playhead still standing. */
export function branchAt(trace: Trace, frame: Frame, to: number): Trace {
  const past = frameAt(trace, to);
  const changes: SlotChange[] = [];
  for (const [slot, state] of frame.states.entries()) {
    if (state === Slot.Pinned && past.states[slot] !== Slot.Pinned) changes.push(keep(frame, slot));
  }
  return withChanges(trace, to, changes);
}

/** True when nothing was changed on the way to the branch that the run itself did not have there. */
export function samePast(trace: Trace, branch: Trace): boolean {
  const past = trace.edits.filter((edit) => edit.before <= branch.steps.length);
  return JSON.stringify(past) === JSON.stringify(branch.edits);
}

/** The last step up to the playhead that wrote `slot`, or -1. An edited slot remembers the word it replaced. */
export function stepThatWrote(trace: Trace, playhead: number, slot: number): number {
  for (let index = Math.min(playhead, trace.steps.length) - 1; index >= 0; index--) {
    if (writtenSlotsIn(trace.steps[index] as Step).includes(slot)) return index;
  }
  return -1;
}

/** True when the person has changed the canvas at this very moment, so the run has not yet answered. */
export function hasPendingChanges(trace: Trace, playhead: number): boolean {
  return trace.edits.some((edit) => edit.before === playhead) && trace.steps.length === playhead;
}

export function pinnedCount(frame: Frame): number {
  return frame.states.reduce((count, state) => count + (state === Slot.Pinned ? 1 : 0), 0);
}
