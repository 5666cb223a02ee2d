/** Loads a model into a role; whatever that role was doing or loading is stopped. */
import { timePass } from '../../training/time-predict.ts';
import type { Job } from './job.ts';

export const loadJob: Job<'load'> = {
  device: 'turn',
  latest: true,
  // A main model also sends the judge away, which follows it to its arithmetic.
  replaces: ({ role = 'main' }) => (role === 'main' ? ['main', 'judge'] : ['judge']),
  async run(request, { models, signal, emit }) {
    const model = await models.load(request, {
      signal,
      onProgress: (progress) => emit({ kind: 'progress', progress }),
    });
    // The page chooses smaller defaults where a pass takes long.
    const { network } = models.require(request.role);
    const passMilliseconds = model.causal ? undefined : await timePass(network);
    if (!signal.aborted) emit({ kind: 'loaded', model: { ...model, passMilliseconds } });
  },
};
