/** Writes one canvas with the main model, step by step. A new run stops the old. */
import { canvasFor } from '../../checkpoint/prompt.ts';
import { endingIn } from '../../checkpoint/reply.ts';
import { copyCanvas } from '../../diffusion/canvas.ts';
import { generate } from '../../diffusion/generate.ts';
import { Pieces } from '../pieces.ts';
import type { Job } from './job.ts';

export const generateJob: Job<'generate'> = {
  device: 'turn',
  needs: () => ['main'],
  latest: true,
  async run({ settings, from }, { models, signal, emit, yieldToEvents }) {
    const { model, network } = models.require();
    const start = copyCanvas(from?.canvas ?? canvasFor(settings, model.tokenizer, model.arch, model.chatTemplate));
    const pieces = new Pieces(model.tokenizer);
    const learnt = await network.refresh();
    emit({ kind: 'started', start, pieces: pieces.fresh(start.ids), ...(learnt !== undefined && { learnt }) });
    await network.warm(start.ids.length);
    const ending = endingIn(model);
    const options = { signal, ending, cursor: from?.cursor, writtenLogProbs: from?.writtenLogProbs };
    for await (const step of generate(network, copyCanvas(start), settings, options)) {
      emit({ kind: 'step', step, pieces: pieces.ofStep(step) });
      await yieldToEvents();
    }
  },
};
