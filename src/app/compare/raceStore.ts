/** The race: the runs made with one prompt and seed, the appending one and one for each number of tokens per pass. */
import { create } from 'zustand';
import type { Settings } from '../../diffusion/settings.ts';
import type { Lane } from '../../worker/protocol.ts';
import type { Width } from './address.ts';
import { type LaneRun, runLanes } from './lanes.ts';
import { playNew, useReplay } from './replay.ts';
import { useComparison } from './store.ts';
import { startWork, useWork } from './work.ts';

interface Race {
  /** The settings all runs here were made with, as text. */
  readonly made: string;
  readonly append: LaneRun | undefined;
  readonly set: Partial<Record<Width, LaneRun>>;
  /** Which side is being measured now. */
  readonly measuring: 'append' | Width | undefined;
}

export const useRace = create<Race>(() => ({ made: '', append: undefined, set: {}, measuring: undefined }));

/** What makes two runs comparable: everything but how many steps they take. */
export function madeWith(settings: Settings): string {
  return JSON.stringify({ ...settings, steps: 0 });
}

export function laneOf(settings: Settings, side: 'append' | Width): Lane {
  if (side === 'append') {
    return {
      writer: 'append',
      settings: { ...settings, mode: 'continue', sampler: 'left-to-right', steps: settings.length, block: 0 },
    };
  }
  return {
    writer: 'set',
    settings: { ...settings, mode: 'continue', steps: Math.ceil(settings.length / Number(side)) },
  };
}

/** Measures the twin and then the diffusion model at each of these widths, one alone after the other. */
export async function race(widths: readonly Width[]): Promise<void> {
  const { settings } = useComparison.getState();
  const sides = ['append', ...widths] as const;
  await startWork(async (signal) => {
    const made = madeWith(settings);
    if (useRace.getState().made !== made) useRace.setState({ made, append: undefined, set: {} });
    useReplay.setState({ at: Number.POSITIVE_INFINITY, playing: false });
    await runLanes(
      sides.map((side) => laneOf(settings, side)),
      {
        judge: true,
        signal,
        onReady: () => useWork.setState({ status: 'running' }),
        onRun(lane, run) {
          const side = sides[lane] as 'append' | Width;
          useRace.setState(({ set }) => ({
            measuring: side,
            ...(side === 'append' ? { append: run } : { set: { ...set, [side]: run } }),
          }));
        },
      },
    ).finally(() => useRace.setState({ measuring: undefined }));
    if (!signal.aborted) playNew();
  });
}
