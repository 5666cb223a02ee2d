/** Whether runs rest between two steps while the page is hidden. */
import type { Job } from './job.ts';

export const restJob: Job<'rest'> = {
  async run({ rest }, context) {
    context.rest(rest);
  },
};
