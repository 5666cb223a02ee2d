/**
 * A run in segments: stretches of steps made with the same settings, without a change by hand in between. All chance is
 * seeded, so whoever walks the same segments gets the same tokens; that is how a link carries a branch without its text.
 */
import type { Settings } from './settings.ts';
import type { EarlierSettings, Edit, Trace } from './trace.ts';

/** What it takes to make a run again. */
export interface Recipe {
  readonly settings: Settings;
  readonly earlier?: readonly EarlierSettings[];
  readonly edits: readonly Pick<Edit, 'before'>[];
}

export interface Segment {
  /** Steps `[from, until)`; the last segment has no end of its own. */
  readonly from: number;
  readonly until: number;
  readonly settings: Settings;
}

/** The segments of a run; what was changed by hand before step `from` of a segment comes before it. Never empty. */
export function segmentsOf({ settings, earlier = [], edits }: Recipe): Segment[] {
  const starts = new Set([0, ...earlier.map(({ until }) => until), ...edits.map(({ before }) => before)]);
  const from = [...starts].sort((a, b) => a - b);
  return from.map((start, i) => ({
    from: start,
    until: from[i + 1] ?? Number.POSITIVE_INFINITY,
    settings: earlier.find(({ until }) => until > start)?.settings ?? settings,
  }));
}

/** A line that goes on with other settings; those of the steps it has are kept. */
export function withSettings(trace: Trace, settings: Settings): Trace {
  const made = trace.steps.length;
  const { earlier = [], settings: before } = trace;
  const known = (earlier.at(-1)?.until ?? 0) === made;
  const same = JSON.stringify(before) === JSON.stringify(settings);
  return { ...trace, settings, ...(known || same ? {} : { earlier: [...earlier, { until: made, settings: before }] }) };
}

/** The first `made` steps of a line, with the settings that made them; its edits are left to the caller. */
export function cutTo({ earlier = [], ...trace }: Trace, made: number): Trace {
  const kept = earlier.filter(({ until }) => until <= made);
  const settings = earlier.find(({ until }) => until > made)?.settings ?? trace.settings;
  return { ...trace, settings, steps: trace.steps.slice(0, made), ...(kept.length > 0 ? { earlier: kept } : {}) };
}
