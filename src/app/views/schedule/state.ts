/** What the Schedule view looks at. Schedule, curve, prompt and seed are settings, shared with Generate; the address holds both. */

import { create } from 'zustand';
import type { CurvePoint } from '../../../diffusion/curve.ts';
import { formatCurve } from '../../../diffusion/curve.ts';
import type { Text } from '../../../text/said.ts';
import { ownAddress } from '../../session/ownAddress.ts';
import { parseRoute } from '../../session/route.ts';
import { formatScheduleLink, type Look, parseScheduleLink } from '../../session/scheduleLink.ts';
import { setSetting, useSettings } from '../../session/settings.ts';
import { MEASURED } from './measured.ts';

const DEFAULTS: Look = { text: MEASURED.text, t: 0.35, shown: 'rate' };

export interface ScheduleState extends Look {
  /** What of a link could not be used, one sentence each. */
  readonly problems: readonly Text[];
  /** Curves before the present one, newest last. */
  readonly past: readonly { readonly schedule: string; readonly curve: string }[];
}

export const useSchedule = create<ScheduleState>(() => ({ ...DEFAULTS, problems: [], past: [] }));

export function look(change: Partial<Look>): void {
  useSchedule.setState(change);
}

/** Follows the address and keeps it; returns how to stop. */
export function startSchedule(): () => void {
  const adopt = () => {
    const { view, query } = parseRoute(location.hash);
    if (view !== 'schedule') return;
    if (!query) {
      publish();
      return;
    }
    const { settings, look: found, problems } = parseScheduleLink(query);
    useSettings.setState({ settings, linked: false });
    useSchedule.setState({ ...DEFAULTS, ...found, problems });
  };
  adopt();
  window.addEventListener('hashchange', adopt);
  const stops = [useSettings.subscribe(publish), useSchedule.subscribe(publish)];
  return () => {
    window.removeEventListener('hashchange', adopt);
    for (const stop of stops) stop();
    address.forget();
  };
}

const address = ownAddress(() =>
  parseRoute(location.hash).view === 'schedule' ? `#/schedule?${currentLink()}` : undefined,
);
const publish = (): void => address.later();

export function currentLink(): string {
  const { text, t, shown } = useSchedule.getState();
  return formatScheduleLink(useSettings.getState().settings, { text, t, shown }, DEFAULTS);
}

const UNDO_DEPTH = 60;

/** Takes a curve that was drawn; it becomes the schedule. `fresh` begins something that undo takes back. */
export function draw(points: readonly CurvePoint[], fresh: boolean): void {
  const { schedule, curve } = useSettings.getState().settings;
  const next = formatCurve(points);
  if (schedule === 'drawn' && curve === next) return;
  if (fresh) useSchedule.setState(({ past }) => ({ past: [...past, { schedule, curve }].slice(-UNDO_DEPTH) }));
  setSetting('curve', next);
  setSetting('schedule', 'drawn');
}

export function undoDrawing(): void {
  const last = useSchedule.getState().past.at(-1);
  if (last === undefined) return;
  useSchedule.setState(({ past }) => ({ past: past.slice(0, -1) }));
  setSetting('curve', last.curve);
  setSetting('schedule', last.schedule as never);
}
