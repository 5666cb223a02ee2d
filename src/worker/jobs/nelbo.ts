/** Estimates the NELBO of a text under the main model, in many ways side by side. It leaves the device to runs between two batches. */

import { checkCanvas } from '../../diffusion/check.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { measureInTurns } from '../../diffusion/likelihood.ts';
import type { Job } from './job.ts';

export const nelboJob: Job<'nelbo'> = {
  // Its questions stand in line with those of a run, one by one, so that neither has to wait for the end of the other.
  device: 'between',
  needs: () => ['main'],
  latest: true,
  async run({ text, estimators, batches, size, seed }, { models, signal, emit, yieldToEvents }) {
    const { model, network } = models.require();
    if (network.info.causal || network.info.maskId === undefined) {
      throw new UnmaskError({
        code: 'canvas',
        message: 'This model has no mask token, so its text has no masked likelihood.',
        remedy: 'Choose a masked model, such as stories.',
      });
    }
    const ids = Int32Array.from(model.tokenizer.encode(text));
    checkCanvas(ids, network.info);
    emit({ kind: 'scored', tokens: ids.length });
    for await (const { estimator, samples } of measureInTurns(
      network,
      ids,
      estimators,
      { batches, size, seed },
      signal,
    )) {
      emit({ kind: 'samples', estimator, samples });
      await yieldToEvents();
    }
  },
};
