/** The Samplers tab: the same text and seed written, or repaired, by up to four settings, side by side. */
import { create } from 'zustand';
import { UnmaskError } from '../../../diffusion/error.ts';
import type { Settings } from '../../../diffusion/settings.ts';
import { said } from '../../../text/said.ts';
import { readAdapters, useAdapters } from '../../session/adapters.ts';
import { playNew, useReplay } from '../../session/comparedReplay.ts';
import { compareRuns, type TracedRun } from '../../session/comparedRuns.ts';
import type { Comparison } from './address.ts';
import { useComparison } from './store.ts';
import { startWork, useWork } from './work.ts';

/** Runs by what made them, as text, so that a column that was changed back finds its run again. */
export const useColumnRuns = create<{
  readonly runs: Readonly<Record<string, TracedRun>>;
  readonly measuring: boolean;
}>(() => ({ runs: {}, measuring: false }));

/** What one column does, in full. */
export interface ColumnRun {
  readonly settings: Settings;
  /** Name of the adapter; empty where there is none. */
  readonly adapter: string;
}

type Compared = Pick<Comparison, 'task' | 'settings' | 'columns' | 'mistaken' | 'repairs'>;

export function columnRuns({ task, settings, columns, mistaken, repairs }: Compared): ColumnRun[] {
  if (task === 'edit')
    return repairs.map((own) => ({ settings: { ...settings, ...own, mode: 'edit', prompt: mistaken }, adapter: '' }));
  return columns.map(({ adapter = '', process = 'masked', ...own }) => ({
    settings: { ...settings, ...own, process, mode: 'continue' },
    adapter,
  }));
}

export function keyOf({ settings, adapter }: ColumnRun): string {
  return JSON.stringify([settings, adapter]);
}

/** The adapters that columns name, by their keys; undefined where none names one. Throws `UnmaskError` for one that is gone. */
function adaptersOf(columns: readonly ColumnRun[]) {
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
  const all = columnRuns(useComparison.getState());
  const keys = all.map(keyOf);
  await startWork(async (signal) => {
    useReplay.setState({ at: Number.POSITIVE_INFINITY, playing: false });
    useColumnRuns.setState({ runs: {}, measuring: true });
    await readAdapters();
    const adapters = adaptersOf(all);
    await compareRuns(
      all.map(({ settings }, at) => ({ writer: 'set', settings, adapter: adapters[at] })),
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
