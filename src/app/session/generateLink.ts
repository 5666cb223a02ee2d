/** What a link to the Generate view can carry at this moment: the settings of the next run, or the text on the sheet. */
import { formatLink, type Link } from '../../diffusion/link.ts';
import { momentOf } from '../../diffusion/link-moment.ts';
import { MOST_LINK } from '../../diffusion/link-text.ts';
import type { Settings } from '../../diffusion/settings.ts';
import { sameSettings } from '../trace/resume.ts';
import { asWritten } from './asWritten.ts';
import { useCompute } from './compute.ts';
import { addressOf } from './linkAddress.ts';
import { useRun } from './run.ts';
import { toSend, useSettings } from './settings.ts';

/** The query of a link to the settings as they stand. */
export function settingsQuery(): string {
  return queryOf(useSettings.getState().settings);
}

/** The step on screen; why there is no link to it, when there is none. */
export type MomentLink =
  | { readonly query: string; readonly step: number }
  | { readonly reason: 'none' | 'unsaid' | 'long'; readonly length: number };

/** The text on the sheet at the playhead. A text without any step made is none, and the recorded run is everybody's. */
export function momentLink(): MomentLink {
  const { trace, playhead, status, source } = useRun.getState();
  if (!trace || trace.steps.length === 0 || status !== 'idle' || source === 'recorded') {
    return { reason: 'none', length: 0 };
  }
  const step = Math.min(playhead, trace.steps.length);
  const moment = momentOf(trace, step);
  if (!moment) return { reason: 'unsaid', length: 0 };
  const query = queryOf(trace.settings, { moment });
  const { length } = addressOf('generate', query);
  return length > MOST_LINK ? { reason: 'long', length } : { query, step };
}

/** True when the next run would be the one on the sheet: then a link to it is what people mean. */
export function momentIsMeant(): boolean {
  const { trace } = useRun.getState();
  return trace !== undefined && sameSettings(trace.settings, asWritten(useSettings.getState().settings));
}

function queryOf(settings: Settings, more: Pick<Link, 'moment'> = {}): string {
  const revision = useCompute.getState().commits[settings.model];
  return formatLink(toSend(settings), { ...more, ...(revision === undefined ? {} : { revision }) });
}
