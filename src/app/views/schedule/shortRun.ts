/** A short run, of which there are two that differ in nothing but their schedule; and its canvas at any time. */
import { type Canvas, copyCanvas, isOpen } from '../../../diffusion/canvas.ts';
import { writtenSlotsIn } from '../../../diffusion/ops.ts';
import { applyStep } from '../../../diffusion/replay.ts';
import { defaultSettings, type ScheduleChoice, type Settings } from '../../../diffusion/settings.ts';
import type { Step } from '../../../diffusion/trace.ts';
import { PLAN } from '../../figures/scheduleCurves.ts';

export interface ShortRun {
  readonly start: Canvas;
  readonly maskId: number | undefined;
  readonly steps: readonly Step[];
  readonly pieces: Readonly<Record<number, string>>;
}

/** The settings of both: 32 tokens in one block, 16 steps, surest first; how tokens are drawn is as in Generate. */
export function shortSettings(settings: Settings, schedule: ScheduleChoice): Settings {
  const { model, prompt, seed, temperature, topK, topP } = settings;
  return {
    ...defaultSettings(),
    ...{ model, prompt, seed, temperature, topK, topP },
    length: PLAN.masks,
    steps: PLAN.steps,
    block: 0,
    schedule,
  };
}

export interface ShortFrame {
  readonly canvas: Canvas;
  /** Slots written by the last step up to this time. */
  readonly now: ReadonlySet<number>;
  readonly masks: number;
}

/** The canvas once grid point `grid` of the plan has been reached; steps that write nothing take no pass. */
export function frameAt(run: ShortRun, grid: number): ShortFrame {
  let canvas = copyCanvas(run.start);
  let now: readonly number[] = [];
  for (const step of run.steps) {
    if (step.next.grid > grid) break;
    canvas = applyStep(canvas, step, run.maskId);
    now = step.next.grid === grid ? writtenSlotsIn(step) : [];
  }
  const masks = canvas.states.reduce((sum, state) => sum + (isOpen(state) ? 1 : 0), 0);
  return { canvas, now: new Set(now), masks };
}
