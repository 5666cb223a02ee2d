/** The race: the runs made with one prompt and seed, the appending one and one for each number of tokens per pass. */
import { create } from 'zustand';
import type { Settings } from '../../../diffusion/settings.ts';
import type { ComparedRun } from '../../../worker/protocol.ts';
import { playNew, useReplay } from '../../session/comparedReplay.ts';
import { compareRuns, type TracedRun } from '../../session/comparedRuns.ts';
import { runGpt2 } from '../../session/gpt2.ts';
import { type Comparison, type Opponent, TEN_PASSES, type Width } from './address.ts';
import { compareWith, useComparison } from './store.ts';
import { startWork, useWork } from './work.ts';

interface Race {
  /** The settings all runs here were made with, as text. */
  readonly made: string;
  readonly opponent: Opponent;
  readonly append: TracedRun | undefined;
  readonly set: Partial<Record<Width, TracedRun>>;
  /** Which side is being measured now. */
  readonly measuring: 'append' | Width | undefined;
}

export const useRace = create<Race>(() => ({
  made: '',
  opponent: 'twin',
  append: undefined,
  set: {},
  measuring: undefined,
}));

/** What makes two runs comparable: everything but how many steps they take. */
export function madeWith({ settings, opponent, rival }: Pick<Comparison, 'settings' | 'opponent' | 'rival'>): string {
  return JSON.stringify({ ...settings, steps: 0, opponent, ...(opponent === 'own' && { rival }) });
}

/**
 * Barry's comparison of RoBERTa with GPT-2: 256 tokens after a prompt of 16, top-k 50, top-p .95, GPT-2 at temperature
 * .8; his first diffusion sampler writes everything at each of ten steps and masks a falling part of it again.
 */
export function takeBarrysSettings(prompt: string): void {
  const { settings } = useComparison.getState();
  compareWith({
    width: TEN_PASSES,
    settings: {
      ...settings,
      prompt,
      length: 256,
      block: 0,
      sampler: 'iterative-refinement',
      schedule: 'linear',
      temperature: 0.8,
      topK: 50,
      topP: 0.95,
    },
  });
}

export function comparedRun(settings: Settings, side: 'append' | Width): ComparedRun {
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

/** Measures the opponent and then the diffusion model at each of these widths, one alone after the other. */
export async function race(widths: readonly Width[]): Promise<void> {
  const { settings, opponent, rival } = useComparison.getState();
  const gpt2 = opponent === 'gpt2';
  const sides = gpt2 ? widths : (['append', ...widths] as const);
  await startWork(async (signal) => {
    const made = madeWith({ settings, opponent, rival });
    if (useRace.getState().made !== made) {
      useRace.setState({ made, opponent, append: undefined, set: {} });
    }
    useReplay.setState({ at: Number.POSITIVE_INFINITY, playing: false });
    if (gpt2) {
      const onRun = (append: TracedRun) => {
        useWork.setState({ status: 'running' });
        useRace.setState({ measuring: 'append', append });
      };
      await runGpt2(comparedRun(settings, 'append').settings, { signal, onRun }).finally(() =>
        useRace.setState({ measuring: undefined }),
      );
      if (signal.aborted) return;
    }
    await compareRuns(
      sides.map((side) => comparedRun(settings, side)),
      {
        judge: opponent === 'twin', // which has read stories only
        rival: opponent === 'own' ? rival : undefined,
        signal,
        onReady: () => useWork.setState({ status: 'running' }),
        onRun(at, run) {
          const side = sides[at] as 'append' | Width;
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
