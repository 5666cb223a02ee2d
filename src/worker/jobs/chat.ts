/** What the page asks about a conversation besides its answer: how long it is in tokens, and what of a canvas is the reply. */
import { promptIds } from '../../checkpoint/prompt.ts';
import { replyOf } from '../../checkpoint/reply.ts';
import type { Job } from './job.ts';

export const countPromptJob: Job<'countPrompt'> = {
  needs: () => ['main'],
  async run({ settings }, { models, emit }) {
    const { model } = models.require();
    const ids = promptIds(settings, model.tokenizer, model.chatTemplate, model.arch.ids.mask);
    emit({ kind: 'counted', tokens: ids.length });
  },
};

export const replyJob: Job<'reply'> = {
  needs: () => ['main'],
  async run({ ids }, { models, emit }) {
    emit({ kind: 'replied', reply: replyOf(ids, models.require().model) });
  },
};
