/** Where the playhead stands on the schedule: the time t of the block being written, and the share of masks planned there. */
import { layoutOf } from '../../diffusion/blocks.ts';
import { scheduleOf } from '../../diffusion/drawn-schedule.ts';
import type { Trace } from '../../diffusion/trace.ts';

export interface ScheduleMoment {
  /** 1 at the start, 0 at the end. */
  readonly time: number;
  /** p(t). */
  readonly planned: number;
  /** From 0, and how many there are. */
  readonly block: number;
  readonly blocks: number;
}

export function scheduleMoment(trace: Trace, playhead: number): ScheduleMoment {
  const layout = layoutOf(trace.start, trace.settings);
  const cursor = trace.steps[playhead - 1]?.next ?? { step: 0, block: 0, grid: 0 };
  const time = cursor.time ?? Math.max(0, 1 - cursor.grid / layout.steps);
  const planned = scheduleOf(trace.settings).maskRate(time);
  return { time, planned, block: cursor.block, blocks: layout.blocks };
}
