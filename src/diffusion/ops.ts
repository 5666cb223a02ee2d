/**
 * What can be done to a canvas: a token set in a slot, a slot masked, a slot put between others, a slot taken away. Masked
 * diffusion sets and masks, autoregression sets, Edit Flows (arXiv 2506.09018) do all four. Slots are named, not counted:
 * a slot keeps its name when others come and go, so whatever speaks of a slot speaks of the same token at every moment.
 */
import { type Canvas, openId, Slot, type SlotId } from './canvas.ts';

export type Op =
  | { readonly set: SlotId; readonly id: number }
  | { readonly mask: SlotId }
  /** A new slot right behind `after`, or before all others. */
  | { readonly insert: SlotId; readonly after?: SlotId; readonly id: number }
  | { readonly remove: SlotId };

/** Anything that has been done, such as a Step. */
interface Done {
  readonly ops: readonly Op[];
}

/** A slot and the token it got. */
export interface Written {
  readonly slot: SlotId;
  readonly id: number;
}

/** The tokens that were written, into slots that stood there or came, in the order of the ops. */
export function writtenIn({ ops }: Done): Written[] {
  return ops.flatMap((op): Written[] => {
    if ('set' in op) return [{ slot: op.set, id: op.id }];
    return 'insert' in op ? [{ slot: op.insert, id: op.id }] : [];
  });
}

/** Their slots. */
export function writtenSlotsIn(done: Done): SlotId[] {
  return writtenIn(done).map(({ slot }) => slot);
}

/** Their ids. */
export function writtenIdsIn(done: Done): number[] {
  return writtenIn(done).map(({ id }) => id);
}

/** Slots that were masked again. */
export function maskedIn({ ops }: Done): SlotId[] {
  return ops.flatMap((op) => ('mask' in op ? [op.mask] : []));
}

/** Slots that came. */
export function insertedIn({ ops }: Done): SlotId[] {
  return ops.flatMap((op) => ('insert' in op ? [op.insert] : []));
}

/** Slots that went. */
export function removedIn({ ops }: Done): SlotId[] {
  return ops.flatMap((op) => ('remove' in op ? [op.remove] : []));
}

/**
 * The canvas after `ops`, carried out in their order. Where no slot comes or goes they are carried out in place and the
 * canvas itself is given back. Ops that speak of slots that do not stand there do nothing.
 */
export function applyOps(canvas: Canvas, ops: readonly Op[], maskId: number | undefined): Canvas {
  if (canvas.order === undefined && ops.every((op) => 'set' in op || 'mask' in op)) {
    for (const op of ops) {
      if ('set' in op) put(canvas, op.set, op.id, maskId);
      else if ('mask' in op) mask(canvas, op.mask, maskId);
    }
    return canvas;
  }
  const ids = Array.from(canvas.ids);
  const states = Array.from(canvas.states);
  const slots = canvas.order ? Array.from(canvas.order.slots) : Array.from(ids.keys());
  let next = canvas.order?.next ?? ids.length;
  const work = { ids, states };
  for (const op of ops) {
    if ('set' in op) put(work, slots.indexOf(op.set), op.id, maskId);
    else if ('mask' in op) mask(work, slots.indexOf(op.mask), maskId);
    else if ('remove' in op) {
      const at = slots.indexOf(op.remove);
      if (at >= 0) for (const list of [ids, states, slots]) list.splice(at, 1);
    } else {
      const at = op.after === undefined ? 0 : slots.indexOf(op.after) + 1;
      if (op.after !== undefined && at === 0) continue;
      ids.splice(at, 0, op.id);
      states.splice(at, 0, op.id === maskId ? Slot.Masked : Slot.Revealed);
      slots.splice(at, 0, op.insert);
      next = Math.max(next, op.insert + 1);
    }
  }
  return { ids: Int32Array.from(ids), states: Uint8Array.from(states), order: { slots: Int32Array.from(slots), next } };
}

interface Places {
  readonly ids: { [place: number]: number; readonly length: number };
  readonly states: { [place: number]: number };
}

/** A slot that gets the mask token is open, whatever wrote it. */
function put({ ids, states }: Places, place: number, id: number, maskId: number | undefined): void {
  if (place < 0 || place >= ids.length) return;
  ids[place] = id;
  states[place] = id === maskId ? Slot.Remasked : Slot.Revealed;
}

function mask({ ids, states }: Places, place: number, maskId: number | undefined): void {
  if (place < 0 || place >= ids.length) return;
  ids[place] = openId(maskId);
  states[place] = Slot.Remasked;
}
