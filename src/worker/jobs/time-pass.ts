/** Times a pass of the main model once more: what was timed when it was loaded may have been another load of the machine. */
import { timePass } from '../../training/time-predict.ts';
import type { Job } from './job.ts';

export const timePassJob: Job<'timePass'> = {
  device: 'turn',
  latest: true,
  needs: () => ['main'],
  async run(_request, { models, signal, emit }) {
    const milliseconds = await timePass(models.require().network);
    if (!signal.aborted) emit({ kind: 'timed', milliseconds });
  },
};
