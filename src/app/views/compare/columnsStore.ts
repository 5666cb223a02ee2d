/** The Samplers tab: the same prompt and seed written by up to four settings, side by side. */
import { create } from 'zustand';
import { UnmaskError } from '../../../diffusion/error.ts';
import type { Settings } from '../../../diffusion/settings.ts';
import { said } from '../../../text/said.ts';
import { readAdapters, useAdapters } from '../../session/adapters.ts';
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
export function settingsOf(shared: Settings, { adapter: _, ...column }: Column): Settings {
  return { ...shared, ...column, mode: 'continue' };
}

export function keyOf(settings: Settings, { adapter = '' }: Column): string {
  return JSON.stringify([settings, adapter]);
}

/** The adapters that columns name, by their keys; undefined where none names one. Throws `UnmaskError` for one that is gone. */
function adaptersOf(columns: readonly Column[]) {
  const { items = [] } = useAdapters.getState();
  return columns.map(({ adapter: name }) => {
    if (!name) return undefined;
    const item = items.find((each) => each.name === name);
    if (item) return { key: item.key, id: name, weight: 1 };
    const message = said`The adapter "${name}" is not in this browser.`;
    throw new UnmaskError({
      code: 'checkpoint',
      message,
      remedy: 'Choose another one, or open its files in Generate.',
    });
  });
}

/** Writes every column anew. */
export async function runColumns(): Promise<void> {
  const { settings, columns } = useComparison.getState();
  const all = columns.map((column) => settingsOf(settings, column));
  const keys = columns.map((column, at) => keyOf(all[at] as Settings, column));
  await startWork(async (signal) => {
    useReplay.setState({ at: Number.POSITIVE_INFINITY, playing: false });
    useColumnRuns.setState({ runs: {}, measuring: true });
    await readAdapters();
    const adapters = adaptersOf(columns);
    await compareRuns(
      all.map((one, at) => ({ writer: 'set', settings: one, adapter: adapters[at] })),
      {
        judge: true,
        together: true,
        signal,
        onReady: () => useWork.setState({ status: 'running' }),
        onRun: (at, run) => useColumnRuns.setState(({ runs }) => ({ runs: { ...runs, [keys[at] as string]: run } })),
      },
    ).finally(() => useColumnRuns.setState({ measuring: false }));
    if (!signal.aborted) playNew();
  });
}
