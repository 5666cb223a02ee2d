/** A text as the main model's tokens. */
import type { Job } from './job.ts';

export const tokenizeJob: Job<'tokenize'> = {
  needs: () => ['main'],
  async run({ text }, { models, emit }) {
    const { tokenizer } = models.require().model;
    const ids = tokenizer.encode(text);
    emit({ kind: 'tokens', ids, pieces: ids.map((token) => tokenizer.piece(token)) });
  },
};
