/**
 * Which keys and values a step may take from an earlier pass: Fast-dLLM's prefix and dual cache (arXiv 2505.22618 §3.2).
 * The earlier pass is the one at the start of the block; here it is made from the canvas itself, by masking again what
 * the model has written since, so that a run that is stopped and resumed uses what the unbroken run would have.
 */
import type { Layout } from './blocks.ts';
import { type Canvas, Slot } from './canvas.ts';
import type { CacheUse, NetworkInfo } from './network.ts';
import type { Settings } from './settings.ts';

/**
 * What the step that asks for `slots` in block `block` takes from the cache: with the prefix cache everything before the block, with
 * the dual cache everything but the block. Undefined where a pass must be whole: the cache is off or guidance is on, the
 * rows are the whole canvas, or a slot outside them is asked.
 */
export function cacheFor(
  canvas: Canvas,
  slots: ArrayLike<number>,
  block: number,
  layout: Layout,
  { cache, guidance }: Settings,
  { maskId, logitShift = 0 }: { readonly maskId: number; readonly logitShift?: NetworkInfo['logitShift'] },
): CacheUse | undefined {
  if (cache === 'off' || guidance > 0 || slots.length === 0) return undefined;
  const total = canvas.ids.length;
  const first = layout.start + block * layout.width;
  const to = cache === 'dual' ? Math.min(first + layout.width, total) : total;
  // With a logit shift the row before the block answers its first slot.
  const from = Math.max(0, first - logitShift);
  if (to - from === total) return undefined;
  if ((slots[0] as number) < first || (slots[slots.length - 1] as number) >= to) return undefined;
  const anchor = canvas.ids.map((id, slot) => (slot >= first && canvas.states[slot] === Slot.Revealed ? maskId : id));
  return { kind: 'anchored', anchor, from, to };
}

/** How many ids two texts have in common from their beginning. */
export function commonPrefix(a: Int32Array, b: Int32Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
