/** The time line in numbers: what every step wrote, what the steps to come will write, and how sure the writing was. */
import { type StepStatistics, stepStatistics } from '../../diffusion/statistics.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { plannedAhead } from './resume.ts';

export interface Timeline {
  /** Slots written per step: made ones first, then planned ones. */
  readonly counts: readonly number[];
  readonly made: number;
  /** One entry per step made. */
  readonly statistics: readonly StepStatistics[];
}

let last: { trace: Trace; timeline: Timeline } | undefined;

export function timelineOf(trace: Trace): Timeline {
  if (last?.trace !== trace) {
    const statistics = stepStatistics(trace);
    const counts = [...statistics.map((step) => step.written), ...plannedAhead(trace)];
    const timeline = { counts, made: statistics.length, statistics };
    last = { trace, timeline };
  }
  return last.timeline;
}
