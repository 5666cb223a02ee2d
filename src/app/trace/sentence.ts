/** The sentence that a slot stands in, as far as signs tell. */
import { Slot, type SlotId } from '../../diffusion/canvas.ts';
import { type Frame, standingSlots } from './frame.ts';

/** A sign that ends a sentence, with quotation marks and brackets behind it; the end of a line, or of the text: `[SEP]`. */
const END = /[.!?\u2026\u3002\uff01\uff1f]["'\u201d\u2019)\]\u300d\u300f]*\s*$|\n|^[[<][^a-z].*[\]>]$/u;
/** A text without such signs is not taken as one sentence. */
const MOST = 24;

/**
 * The model's own words of the sentence around these slots, in reading order: neither they themselves, nor what was given or
 * kept, nor the sign that ends it.
 */
export function sentenceAround(
  frame: Frame,
  pieces: Readonly<Record<number, string>>,
  slots: readonly SlotId[],
): SlotId[] {
  const order = Array.from(standingSlots(frame));
  const places = slots.map((slot) => order.indexOf(slot)).filter((place) => place >= 0);
  if (places.length === 0) return [];
  const ends = (slot: SlotId) => END.test(pieces[frame.ids[slot] as number] ?? '');
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const before = order.slice(Math.max(0, first - MOST), first);
  const after = order.slice(last + 1, last + 1 + MOST);
  const end = ends(order[last] as SlotId) ? 0 : after.findIndex(ends);
  const around = [...before.slice(before.findLastIndex(ends) + 1), ...(end < 0 ? after : after.slice(0, end))];
  return around.filter((slot) => frame.states[slot] === Slot.Revealed);
}
