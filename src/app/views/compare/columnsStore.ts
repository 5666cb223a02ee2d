/** The Samplers tab: the same prompt and seed written by up to four settings, side by side. */
import { create } from 'zustand';
import type { Settings } from '../../../diffusion/settings.ts';
import { playNew, useReplay } from '../../session/comparedReplay.ts';
import { compareRuns, type TracedRun } from '../../session/comparedRuns.ts';
import type { Column } from './address.ts';
import { useComparison } from './store.ts';
import { startWork, useWork } from './work.ts';

/** Runs by the settings that made them, as text, so that a column that was changed back finds its run again. */
export const useColumnRuns = create<{
  readonly runs: Readonly<Record<string, TracedRun>>;
  readonly measuring: boolean;
}>(() => ({ runs: {}, measuring: false }));

/** The complete settings of a column. */
export function settingsOf(shared: Settings, column: Column): Settings {
  return { ...shared, ...column, mode: 'continue' };
}

export function keyOf(settings: Settings): string {
  return JSON.stringify(settings);
}

/** Writes every column anew. */
export async function runColumns(): Promise<void> {
  const { settings, columns } = useComparison.getState();
  const all = columns.map((column) => settingsOf(settings, column));
  await startWork(async (signal) => {
    useReplay.setState({ at: Number.POSITIVE_INFINITY, playing: false });
    useColumnRuns.setState({ runs: {}, measuring: true });
    await compareRuns(
      all.map((one) => ({ writer: 'set', settings: one })),
      {
        judge: true,
        together: true,
        signal,
        onReady: () => useWork.setState({ status: 'running' }),
        onRun: (at, run) =>
          useColumnRuns.setState(({ runs }) => ({ runs: { ...runs, [keyOf(all[at] as Settings)]: run } })),
      },
    ).finally(() => useColumnRuns.setState({ measuring: false }));
    if (!signal.aborted) playNew();
  });
}
