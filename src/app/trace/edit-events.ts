/** What has been edited in a run, one by one: exchanges, insertions, removals, each with the token before and after. */
import type { SlotId } from '../../diffusion/canvas.ts';
import type { Line } from '../../diffusion/replay.ts';

export interface EditEvent {
  /** From 0. */
  readonly step: number;
  readonly kind: 'set' | 'insert' | 'remove';
  readonly slot: SlotId;
  /** The id that stood there; undefined where nothing did. */
  readonly before: number | undefined;
  /** The id that stands there; undefined where the slot went. */
  readonly after: number | undefined;
}

/** Those of the first `playhead` steps, the latest first. */
export function editEvents({ start, steps, edits, maskId }: Line, playhead: number): EditEvent[] {
  const ids = new Map<SlotId, number>();
  for (const [place, id] of start.ids.entries()) ids.set(start.order?.slots[place] ?? place, id);
  const events: EditEvent[] = [];
  for (const [step, { ops }] of steps.slice(0, playhead).entries()) {
    for (const { before, slot, id } of edits) if (before === step) ids.set(slot, id);
    for (const op of ops) {
      if ('mask' in op) {
        if (maskId !== undefined) ids.set(op.mask, maskId);
        continue;
      }
      if ('remove' in op) {
        events.push({ step, kind: 'remove', slot: op.remove, before: ids.get(op.remove), after: undefined });
        ids.delete(op.remove);
        continue;
      }
      const [kind, slot] = 'set' in op ? (['set', op.set] as const) : (['insert', op.insert] as const);
      events.push({ step, kind, slot, before: ids.get(slot), after: op.id });
      ids.set(slot, op.id);
    }
  }
  return events.reverse();
}
