/** Trains a model, and how hard. The trainer is loaded when the first run begins. */
import { hasten, setPace } from '../train/pace.ts';
import type { Job } from './job.ts';

export const trainJob: Job<'train'> = {
  // Its steps stand in line with the questions of other jobs, one by one, so that a model can write meanwhile.
  latest: true,
  async run(request, { models, store, signal, emit }) {
    const { learn } = await import('../train/learn.ts');
    await learn(request, { models, store: await store(), signal, emit: (event) => emit({ kind: 'training', event }) });
  },
};

export const paceJob: Job<'pace'> = {
  async run({ slow, save = false }) {
    setPace(slow);
    if (save) hasten();
  },
};
