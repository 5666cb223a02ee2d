/**
 * The small run of the training chapter: the shipped model learns a few sentences of the reader's. It is a run like those
 * of the Train view, kept under one id, so that it can be looked at and taken over there. One run trains at a time: while
 * the Train view has one going, this one does not start.
 */
import { create } from 'zustand';
import { UnmaskError } from '../../../diffusion/error.ts';
import { SMALL } from '../../../diffusion/shipped.ts';
import { defaultTrainSettings, type StoredRun, type TrainSettings } from '../../../worker/protocol.train.ts';
import { learn } from '../../messages/learnWords.ts';
import { compute, shippedFolder } from '../../session/compute.ts';
import { backendChoice } from '../../session/preferences.ts';
import { readRuns, useTrain } from '../../session/train/store.ts';

interface Training {
  readonly text: string;
  readonly status: 'idle' | 'preparing' | 'learning';
  /** The run on show; its journal grows while it learns. */
  readonly run: StoredRun | undefined;
}

/** A few sentences of our own about things that the stories of the shipped model know nothing of. */
export const SAMPLE = [
  'The robot lives on the moon. Every morning it paints the rocks blue.',
  'At night the robot counts the stars. It never counts the same star twice.',
  'One day a comet flew over the moon. The robot waved with both hands.',
].join('\n');

export const MOST_TEXT = 2000;

export const useTraining = create<Training>(() => ({ text: SAMPLE, status: 'idle', run: undefined }));

const set = useTraining.setState;
const RUN = 'learn';

/** Forty short steps with a high rate: enough to learn a few sentences by heart, in seconds even without a card. */
export const LESSON: TrainSettings = {
  ...defaultTrainSettings(),
  data: 'pasted text',
  init: SMALL,
  objective: 'mdlm',
  weighting: 'uniform',
  steps: 40,
  batch: 4,
  length: 24,
  lr: 2e-3,
  evalEvery: 0,
  sampleEvery: 20,
  saveEvery: 0,
};

/** Whether the Train view has a run going, which must not be disturbed. */
export const useBusyElsewhere = () => useTrain((state) => state.status !== 'idle');

/** Trains to the end, or until aborted; resolves to the run. Throws `UnmaskError`. */
export async function learnText(signal: AbortSignal): Promise<StoredRun | undefined> {
  if (useTrain.getState().status !== 'idle') {
    throw new UnmaskError({ code: 'data', message: learn.view.training.busy, remedy: learn.view.training.busyRemedy });
  }
  const { text } = useTraining.getState();
  set({ status: 'preparing', run: undefined });
  try {
    const worker = await compute();
    for await (const _ of worker.run('removeRun', { run: RUN }));
    const begin = {
      name: learn.view.training.name,
      settings: LESSON,
      data: { kind: 'text' as const, text },
      from: shippedFolder(SMALL),
    };
    for await (const { event } of worker.run('train', { run: RUN, backend: backendChoice(), begin }, signal)) {
      const { run } = useTraining.getState();
      if (event.kind === 'begun') set({ status: 'learning', run: event.run });
      else if (event.kind === 'step' && run) grow(run, { points: [...run.journal.points, event] });
      else if (event.kind === 'sample' && run) grow(run, { samples: [...run.journal.samples, event] });
    }
    return useTraining.getState().run;
  } finally {
    set({ status: 'idle' });
    void readRuns();
  }
}

function grow(run: StoredRun, part: Partial<StoredRun['journal']>): void {
  set({ run: { ...run, journal: { ...run.journal, ...part } } });
}
