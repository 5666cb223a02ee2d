/** Loads a model into a role; whatever that role was doing or loading is stopped. */
import { timePass } from '../../training/time-predict.ts';
import type { Job } from './job.ts';

export const loadJob: Job<'load'> = {
  usesDevice: true,
  stops({ role = 'main' }, other) {
    if (other.kind === 'load') return (other.role ?? 'main') === role;
    if (other.kind === 'selfTest' || other.kind === 'profile') return true;
    return other.kind === 'compare' || (role === 'main' && (other.kind === 'generate' || other.kind === 'nelbo'));
  },
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
