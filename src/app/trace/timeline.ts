/** The time line in numbers: what every step wrote, what the steps to come will write, and how sure the writing was. */

import { least } from '../../diffusion/extremes.ts';
import { writtenIn } from '../../diffusion/ops.ts';
import { writtenConfidences } from '../../diffusion/statistics.ts';
import type { Step, Trace } from '../../diffusion/trace.ts';
import { plannedAhead } from './resume.ts';

export interface StepSureness {
  /** Mean and least probability of the tokens written in the step; NaN when it wrote none. */
  readonly mean: number;
  readonly least: number;
}

export interface Timeline {
  /** Slots written per step: made ones first, then planned ones. */
  readonly counts: readonly number[];
  readonly made: number;
  /** One entry per step made. */
  readonly sureness: readonly StepSureness[];
  /** Some step wrote several tokens, so that the mean and the least are two things. */
  readonly several: boolean;
}

/** A live run gives a new Trace with every step, but the steps before it stay the same objects. */
const known = new WeakMap<Step, StepSureness>();

function surenessOf(step: Step): StepSureness {
  let found = known.get(step);
  if (!found) {
    const sure = writtenConfidences(step);
    const mean = sure.reduce((sum, p) => sum + p, 0) / sure.length;
    found = { mean, least: sure.length === 0 ? Number.NaN : least(sure) };
    known.set(step, found);
  }
  return found;
}

/** Of the branch on screen, and of the one beside it. */
let last: readonly { trace: Trace; timeline: Timeline }[] = [];

export function timelineOf(trace: Trace): Timeline {
  const found = last.find((one) => one.trace === trace);
  if (found) return found.timeline;
  const counts = [...trace.steps.map((step) => writtenIn(step).length), ...plannedAhead(trace)];
  const sureness = trace.steps.map(surenessOf);
  const several = trace.steps.some((step) => writtenIn(step).length > 1);
  const timeline = { counts, made: trace.steps.length, sureness, several };
  last = [{ trace, timeline }, ...last.slice(0, 1)];
  return timeline;
}
