/** Where a run goes on from: the canvas at the end of its Trace, the cursor of its last step, and which settings apply. */
import { layoutOf } from '../../diffusion/blocks.ts';
import type { Canvas } from '../../diffusion/canvas.ts';
import { stepsAhead } from '../../diffusion/early-stop.ts';
import { canvasAt, endedAt, writtenLogProbs } from '../../diffusion/replay.ts';
import { SAMPLER_TABLE } from '../../diffusion/samplers/index.ts';
import { SETTING_NAMES, type SettingName, type Settings } from '../../diffusion/settings.ts';
import type { Cursor, Trace } from '../../diffusion/trace.ts';
import type { Frame } from './frame.ts';

const START: Cursor = { step: 0, block: 0, grid: 0 };

/** Whether a run with these settings edits. */
export function editsText({ mode, process }: Pick<Settings, 'mode' | 'process'>): boolean {
  return mode === 'edit' || process === 'edits';
}

/** Edits have something to put the first word behind: a token that is no word. */
export function beginnings({ start, pieces }: Trace): number {
  return /^(\[CLS\]|<.*>)$/.test(pieces[start.ids[0] ?? -1] ?? '') ? 1 : 0;
}

/** Whether more may follow after this moment: masks that are to be written, or edits. */
export function unfinished(trace: Trace, { playhead, masks }: Pick<Frame, 'playhead' | 'masks'>): boolean {
  if (masks > 0) return true;
  if (!editsText(trace.settings)) return false;
  const flow = trace.steps[playhead - 1]?.next.flow ?? 0;
  // What was changed by hand after the last edit may be edited in turn.
  return flow < 1 || trace.edits.some(({ before }) => before === playhead);
}

export function resumePoint(trace: Trace): { canvas: Canvas; cursor: Cursor; writtenLogProbs: Float32Array } {
  const made = trace.steps.length;
  const cursor = trace.steps.at(-1)?.next ?? START;
  return { canvas: canvasAt(trace, made), cursor, writtenLogProbs: writtenLogProbs(trace, made) };
}

/** These made the canvas, so a run that goes on keeps them; everything else may be changed on the way. */
const OF_THE_CANVAS: readonly SettingName[] = ['model', 'mode', 'prompt', 'system', 'turns', 'length'];

export function settingsForResume(trace: Trace, current: Settings): Settings {
  const { model, mode, prompt, system, turns, length } = trace.settings;
  return { ...current, model, mode, prompt, system, turns, length };
}

/** True when a new run with these settings would write the very same text. */
export function sameSettings(a: Settings, b: Settings): boolean {
  return SETTING_NAMES.every((name) => a[name] === b[name]);
}

/** True when going on with `current` would write something else than the run itself did. */
export function differs(trace: Trace, current: Settings): boolean {
  return SETTING_NAMES.some((name) => !OF_THE_CANVAS.includes(name) && trace.settings[name] !== current[name]);
}

/**
 * How many slots each step still to come will write, after the Trace's own. Empty when the order sets its own pace,
 * because nobody knows then, and when the answer has ended.
 */
export function plannedAhead(trace: Trace): number[] {
  const { settings } = trace;
  // What edits will be made nobody knows.
  if (endedAt(trace, trace.steps.length) || editsText(settings)) return [];
  const { canvas, cursor } = resumePoint(trace);
  return stepsAhead(canvas, layoutOf(canvas, settings), cursor, settings, SAMPLER_TABLE[settings.sampler]) ?? [];
}
