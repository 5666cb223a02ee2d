/** The schedules side by side: the ten with a formula and the one that is drawn. */
import { scheduleOf } from '../../diffusion/drawn-schedule.ts';
import { revealPlan } from '../../diffusion/plan.ts';
import type { Schedule } from '../../diffusion/schedule.ts';
import { SCHEDULE_CHOICES, type ScheduleChoice } from '../../diffusion/settings.ts';
import { hundredths, percent, significant } from '../messages/format.ts';
import { m } from '../messages/index.ts';
import type { Look } from '../session/scheduleLink.ts';
import type { Axis } from './scale.ts';

export interface Choice {
  readonly choice: ScheduleChoice;
  readonly name: string;
  readonly schedule: Schedule;
}

export function choicesWith(curve: string): Choice[] {
  return SCHEDULE_CHOICES.map((choice) => ({
    choice,
    name: m.schedules[choice][0],
    schedule: scheduleOf({ schedule: choice, curve }),
  }));
}

/** The run whose plan is drawn. */
export const PLAN = { masks: 32, steps: 16 } as const;

/** Tokens that each of the 16 steps reveals of 32. */
export function planOf(schedule: Schedule): number[] {
  const counts = Array<number>(PLAN.steps).fill(0);
  for (const { grid, count } of revealPlan(schedule, PLAN.masks, PLAN.steps)) counts[grid] = count;
  return counts;
}

// The labels are getters, because the language may change.
export const TIME: Axis = {
  get label() {
    return m.scheduleView.axes.time;
  },
  domain: [0, 1],
  format: significant,
};
const RATE: Axis = {
  get label() {
    return m.scheduleView.axes.rate;
  },
  domain: [0, 1],
  format: percent,
};
/** Weights run over orders of magnitude, and most have no bound at t = 0. */
const WEIGHT: Axis = {
  get label() {
    return m.scheduleView.axes.weight;
  },
  domain: [0.01, 1000],
  log: true,
  format: significant,
};

/** Weights are read from here on. */
const EARLIEST = 1e-3;

export const CURVES: Readonly<
  Record<Look['shown'], { axis: Axis; at: (schedule: Schedule, t: number) => number; words: (value: number) => string }>
> = {
  rate: { axis: RATE, at: (schedule, t) => schedule.maskRate(t), words: percent },
  weight: {
    axis: WEIGHT,
    at: (schedule, t) => schedule.weight(Math.max(t, EARLIEST)),
    words: (value) => (value > 1e4 ? m.scheduleView.axes.huge : value < 0.01 ? hundredths(value) : significant(value)),
  },
};
