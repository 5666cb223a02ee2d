/** The few numbers beside the time line, for the part of the run that has been played. Nothing here is estimated. */
import { isOpen } from '../../diffusion/canvas.ts';
import { tokensPerPass, writtenSlots } from '../../diffusion/statistics.ts';
import type { Trace } from '../../diffusion/trace.ts';
import type { Frame } from './frame.ts';

export interface Counters {
  readonly passes: number;
  /** Steps that needed no pass, because the network was asked about the same canvas before; they count for nothing below. */
  readonly remembered: number;
  readonly written: number;
  /** NaN before the first pass. */
  readonly tokensPerPass: number;
  /** From the measured milliseconds of the steps; NaN when nothing was measured. */
  readonly tokensPerSecond: number;
  /** Smallest probability among the words the network wrote that still stand; NaN when there are none. */
  readonly least: number;
  readonly masks: number;
  /** Slots that were open at the start, and the share of them that is written now, 0 to 1. */
  readonly slots: number;
  readonly share: number;
}

export function countersOf(trace: Trace, frame: Frame): Counters {
  let passes = 0;
  let milliseconds = 0;
  const played = trace.steps.slice(0, frame.playhead);
  const made = played.filter(({ forwards }) => forwards > 0);
  const measured = writtenSlots(made);
  for (const step of made) {
    passes += step.forwards;
    milliseconds += step.milliseconds;
  }
  let least = Number.NaN;
  for (const probability of frame.probability) {
    if (!Number.isNaN(probability) && !(probability >= least)) least = probability;
  }
  const slots = maskedAtStart(trace);
  return {
    passes,
    remembered: played.length - made.length,
    written: writtenSlots(played),
    tokensPerPass: tokensPerPass(made),
    tokensPerSecond: milliseconds > 0 ? (measured / milliseconds) * 1000 : Number.NaN,
    least,
    masks: frame.masks,
    slots,
    share: slots > 0 ? Math.max(0, 1 - frame.masks / slots) : 1,
  };
}

export function maskedAtStart(trace: Trace): number {
  let count = 0;
  for (const state of trace.start.states) if (isOpen(state)) count++;
  return count;
}
