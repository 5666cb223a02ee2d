/** The order a person draws over the canvas: slots as they were touched, told to the settings as ranges of offsets. */
import { layoutOf } from '../../diffusion/blocks.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { useRun } from '../stores/run.ts';
import { useTools } from '../stores/tools.ts';

/** Adds slots to the end of the order; one that is in it already keeps its place. Prompt slots are not written. */
export function drawOrder(slots: readonly number[]): void {
  const { trace } = useRun.getState();
  if (!trace) return;
  const { drawn } = useTools.getState();
  const first = newTextStart(trace);
  const fresh = slots.map((slot) => slot - first).filter((offset) => offset >= 0 && !drawn.includes(offset));
  if (fresh.length > 0) setDrawn([...drawn, ...fresh]);
}

export function setDrawn(drawn: readonly number[]): void {
  useTools.setState({ drawn });
}

/** The first slot of the new text; offsets count from here. */
export function newTextStart({ start, settings }: Trace): number {
  return layoutOf(start, settings).start;
}
