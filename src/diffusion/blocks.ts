/**
 * Which block a run is writing, and how many slots of it come next. Blocks are LLaDA's semi-autoregressive order
 * (arXiv 2502.09992 §2.4): the new text is cut into blocks, each is finished before the next, and the step budget is
 * shared out evenly. dLLM's sampler does the same (dllm/core/samplers/mdlm.py).
 */
import { type Canvas, openSlots, Slot } from './canvas.ts';
import { revealCount } from './plan.ts';
import { scheduleByName } from './schedule.ts';
import type { Settings } from './settings.ts';
import type { Cursor } from './trace.ts';

export interface Layout {
  /** Where block 0 starts: the end of the prompt, or 0 when filling in. */
  readonly start: number;
  /** Slots per block. */
  readonly width: number;
  readonly blocks: number;
  /** Grid points S of each block's plan. */
  readonly steps: number;
}

/** What the next step may write. */
export interface Turn {
  readonly block: number;
  readonly grid: number;
  /** Slots to write now, at least 1. */
  readonly quota: number;
  /** Open slots the sampler may choose from, ascending. */
  readonly candidates: readonly number[];
  /** Masks the plan counts, before this step. */
  readonly remaining: number;
  /** Where it counts them. */
  readonly from: number;
  readonly to: number;
}

export function layoutOf(canvas: Canvas, settings: Settings): Layout {
  const total = canvas.ids.length;
  let given = 0;
  while (given < total && canvas.states[given] === Slot.Given) given++;
  // The last `length` slots are new; the leading given run says so too, except where the prompt itself has masks or was
  // edited, and it is the better witness when the caller had to shorten the canvas.
  const start = settings.mode === 'fill' ? 0 : Math.max(given, total - settings.length, 0);
  const span = total - start;
  const width = settings.block === 0 ? Math.max(span, 1) : settings.block;
  const blocks = Math.ceil(span / width);
  return { start, width, blocks, steps: Math.ceil(settings.steps / Math.max(blocks, 1)) };
}

/**
 * The next step of the run, or undefined when it is finished.
 *
 * `exact` is dLLM to the letter: the plan counts the masks of its own block only, while the sampler may also take masks
 * before it (typed in the prompt, or left by an earlier block) unless it fills in. Otherwise everything masked up to the
 * end of the block is counted and written, so slots that were masked again earlier are caught up.
 *
 * When the grid is used up and masks remain, because slots were masked again, the run goes on at the block's mean pace,
 * width / S slots per step.
 */
export function nextTurn(
  canvas: Canvas,
  layout: Layout,
  cursor: Cursor,
  settings: Settings,
  exact: boolean,
): Turn | undefined {
  const schedule = scheduleByName(settings.schedule);
  // The cursor may come from a run with other settings; it is clamped to this layout.
  const current = Math.min(cursor.block, layout.blocks - 1);
  for (let block = Math.max(current, 0); block < layout.blocks; block++) {
    const first = layout.start + block * layout.width;
    const to = Math.min(first + layout.width, canvas.ids.length);
    const from = exact ? first : 0;
    const uncounted = block === current ? (cursor.uncounted ?? 0) : 0;
    const remaining = openSlots(canvas, from, to).length - uncounted;
    if (remaining <= 0) continue;

    const candidates = openSlots(canvas, exact && settings.mode === 'fill' ? first : 0, to);
    const stochastic = settings.stochastic ? { seed: settings.seed, block } : undefined;
    for (let grid = block === current ? cursor.grid : 0; grid < layout.steps; grid++) {
      const quota = revealCount(schedule, remaining, grid, layout.steps, stochastic);
      // A grid point that reveals nothing needs no forward pass: the network takes no time input.
      if (quota > 0) return { block, grid, quota, candidates, remaining, from, to };
    }
    const pace = Math.ceil((to - first) / layout.steps);
    return { block, grid: layout.steps, quota: Math.min(pace, remaining), candidates, remaining, from, to };
  }
  return undefined;
}

/** Where the run stands after a step that took `turn` and left `canvas`. */
export function advance(canvas: Canvas, layout: Layout, turn: Turn, step: number, exact: boolean): Cursor {
  const next = { step: step + 1, block: turn.block, grid: Math.min(turn.grid + 1, layout.steps) };
  const uncounted = openSlots(canvas, turn.from, turn.to).length - (turn.remaining - turn.quota);
  return exact && uncounted > 0 ? { ...next, uncounted } : next;
}
