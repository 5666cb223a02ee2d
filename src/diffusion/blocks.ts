/**
 * Which block a run is writing, and how many slots of it come next. Blocks are LLaDA's semi-autoregressive order
 * (arXiv 2502.09992 §2.4): the new text is cut into blocks, each is finished before the next, and the step budget is
 * shared out evenly. dLLM's sampler does the same (dllm/core/samplers/mdlm.py).
 */
import { type Canvas, openSlots, Slot } from './canvas.ts';
import { scheduleOf } from './drawn-schedule.ts';
import { revealCount } from './plan.ts';
import { type Schedule, scheduleByName } from './schedule.ts';
import type { SettingName, Settings } from './settings.ts';
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

/** How a sampler goes through a block. */
export interface Pace {
  /** The schedule says how many slots each step writes; grid points that write none are passed over. */
  readonly followsPlan: boolean;
  /** Every grid point is a turn, in which the sampler writes as many slots as it likes. */
  readonly followsTime?: boolean;
  /** It may mask again or rewrite what it wrote: a full block is not finished before its grid and its extra steps are. */
  readonly revisits?: boolean;
  /** Steps it may still take on a block without masks, after its grid. */
  readonly extraSteps?: (settings: Settings) => number;
  /** Settings that it reads beside those of every run (length, block, temperature, top-k, top-p, guidance …). */
  readonly uses: readonly SettingName[];
}

/** What the next step may write. */
export interface Turn {
  readonly block: number;
  /** Grid point j; from S on the block's grid is used up, and what is beyond S counts its extra steps. */
  readonly grid: number;
  /** S plus the extra steps: at this grid point a block without masks is finished. */
  readonly lastGrid: number;
  /** The schedule in effect. */
  readonly schedule: Schedule;
  /** Slots to write now, at least 1; 0 is possible for samplers that do not follow the plan or are past the grid. */
  readonly quota: number;
  /** Open slots the sampler may choose from, ascending. */
  readonly candidates: readonly number[];
  /** Slots of the block that the model wrote and that the sampler may write anew or mask again, ascending. */
  readonly rewritable: readonly number[];
  /** Where a sampler with a clock of its own stands, from 1 at the start of the block to 0. */
  readonly time: number;
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
  const start = settings.mode === 'fill' || settings.mode === 'edit' ? 0 : Math.max(given, total - settings.length, 0);
  const span = total - start;
  const width = settings.block === 0 ? Math.max(span, 1) : settings.block;
  const blocks = Math.ceil(span / width);
  return { start, width, blocks, steps: Math.ceil(settings.steps / Math.max(blocks, 1)) };
}

/** Slots of `[from, to)` that the model wrote, ascending. */
function writtenSlots(canvas: Canvas, from: number, to: number): number[] {
  const slots: number[] = [];
  for (let slot = from; slot < to; slot++) if (canvas.states[slot] === Slot.Revealed) slots.push(slot);
  return slots;
}

/** The latest grid point whose mask rate still covers `share` of the block. */
function gridOfShare(schedule: Schedule, share: number, steps: number): number {
  const most = schedule.maskRate(1);
  for (let grid = steps - 1; grid > 0; grid--) {
    if (schedule.maskRate((steps - grid) / steps) >= share * most) return grid;
  }
  return 0;
}

/**
 * The next step of the run, or undefined when it is finished.
 *
 * `exact` is dLLM to the letter: the plan counts the masks of its own block only, while the sampler may also take masks
 * before it (typed in the prompt, or left by an earlier block) unless it fills in. Otherwise everything masked up to the
 * end of the block is counted and written, so slots that were masked again earlier are caught up.
 *
 * When the grid is used up and masks remain, because slots were masked again, the run goes on at the block's mean pace,
 * width / S slots per step; one that follows time sets its clock back to where that many masks are expected.
 */
export function nextTurn(
  canvas: Canvas,
  layout: Layout,
  cursor: Cursor,
  settings: Settings,
  exact: boolean,
  pace: Pace,
): Turn | undefined {
  // Dream's origin has a time of its own and no schedule.
  const timeless = pace.followsTime && !pace.uses.includes('schedule');
  const schedule = timeless ? scheduleByName('linear') : scheduleOf(settings);
  const steps = layout.steps;
  const lastGrid = steps + (pace.extraSteps?.(settings) ?? 0);
  // The cursor may come from a run with other settings; it is clamped to this layout.
  const current = Math.min(cursor.block, layout.blocks - 1);
  for (let block = Math.max(current, 0); block < layout.blocks; block++) {
    const first = layout.start + block * layout.width;
    const to = Math.min(first + layout.width, canvas.ids.length);
    const from = exact ? first : 0;
    const uncounted = block === current ? (cursor.uncounted ?? 0) : 0;
    const remaining = openSlots(canvas, from, to).length - uncounted;
    const reached = block === current ? cursor.grid : 0;
    const rewritable = pace.revisits ? writtenSlots(canvas, first, to) : [];
    const candidates = openSlots(canvas, exact && settings.mode === 'fill' ? first : 0, to);
    const time = block === current ? (cursor.time ?? 1) : 1;
    const turn = { block, lastGrid, schedule, candidates, rewritable, time, remaining, from, to };
    if (remaining <= 0) {
      if (rewritable.length === 0) continue;
      const grid = pace.followsTime ? reached : Math.max(reached, steps);
      if (grid < lastGrid) return { ...turn, grid, quota: 0 };
      continue;
    }
    if (pace.followsTime) {
      const grid = reached < steps ? reached : gridOfShare(schedule, remaining / (to - first), steps);
      return { ...turn, grid, quota: revealCount(schedule, remaining, grid, steps) };
    }
    const stochastic = settings.stochastic ? { seed: settings.seed, block } : undefined;
    for (let grid = reached; grid < steps; grid++) {
      const quota = revealCount(schedule, remaining, grid, steps, stochastic);
      // A grid point that reveals nothing needs no forward pass: the network takes no time input.
      if (quota > 0) return { ...turn, grid, quota };
    }
    const mean = Math.ceil((to - first) / steps);
    return { ...turn, grid: Math.max(reached, steps), quota: Math.min(mean, remaining) };
  }
  return undefined;
}

/** What came of a step, as far as the next one depends on it. */
export interface Outcome {
  /** The network was asked, and the sampler left the canvas as it was. */
  readonly idle?: boolean;
  /** The sampler's own clock. */
  readonly time?: number | undefined;
}

/** Where the run stands after a step that took `turn` and left `canvas`. */
export function advance(
  canvas: Canvas,
  layout: Layout,
  turn: Turn,
  step: number,
  exact: boolean,
  { idle = false, time }: Outcome = {},
): Cursor {
  const next = { step: step + 1, block: turn.block, grid: nextGrid(layout, turn, idle) };
  if (time !== undefined) return { ...next, time };
  const uncounted = openSlots(canvas, turn.from, turn.to).length - (turn.remaining - turn.quota);
  return exact && uncounted > 0 ? { ...next, uncounted } : next;
}

function nextGrid({ steps }: Layout, turn: Turn, idle: boolean): number {
  if (turn.grid < steps) return turn.grid + 1;
  // Masks that came back are written without counting; an extra step that had nothing to say was the last.
  if (turn.remaining > 0) return turn.grid;
  return idle ? turn.lastGrid : turn.grid + 1;
}
