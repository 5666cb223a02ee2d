/** The order a person draws over the canvas. It lives in the settings, as the order of the pattern `drawn`. */
import { layoutOf } from '../../diffusion/blocks.ts';
import type { Settings } from '../../diffusion/settings.ts';
import { formatSlots, parseSlots } from '../../diffusion/slot-list.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { useRun } from './run.ts';
import { setSetting, useSettings } from './settings.ts';

/** Adds slots to the end of the order; one that is in it already keeps its place. Prompt slots are not written. */
export function drawOrder(slots: readonly number[]): void {
  const { trace } = useRun.getState();
  if (!trace) return;
  const first = newTextStart(trace);
  const drawn = drawnOrder(useSettings.getState().settings);
  setDrawn([...drawn, ...slots.map((slot) => slot - first).filter((offset) => offset >= 0)]);
}

/** Slots of the new text, counted from 0, in the order they were drawn; empty when another order is chosen. */
export function drawnOrder({ sampler, pattern, order }: Settings): number[] {
  return sampler === 'order' && pattern === 'drawn' ? parseSlots(order) : [];
}

/** Makes this the order of the next run. A slot that is named twice counts where it is named first. */
export function setDrawn(drawn: readonly number[]): void {
  setSetting('sampler', 'order');
  setSetting('pattern', 'drawn');
  setSetting('order', formatSlots([...new Set(drawn)]));
}

/** The first slot of the new text; offsets count from here. */
export function newTextStart({ start, settings }: Trace): number {
  return layoutOf(start, settings).start;
}
