/** Times passes of the main model once more: when it was loaded, other programs may have left it more of the machine, or less. */
import { meanPass } from '../../training/time-predict.ts';
import type { Job } from './job.ts';

export const timePassJob: Job<'timePass'> = {
  device: 'turn',
  latest: true,
  needs: () => ['main'],
  async run(_request, { models, signal, emit }) {
    const milliseconds = await meanPass(models.require().network);
    if (!signal.aborted) emit({ kind: 'timed', milliseconds });
  },
};
