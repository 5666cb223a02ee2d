/**
 * Random order: every open slot is as likely as any other to be written next. The order under which masked diffusion is
 * trained (MDLM's ancestral sampler up to the rounded count), and dLLM's advice for models without chat training.
 */

import { Stream, stepKey, uniform, word } from '../rng.ts';
import { byScore } from '../sampler.ts';

export const randomSampler = byScore('random', (prediction, row, { settings, step }) =>
  uniform(word(stepKey(settings.seed, step, Stream.Order), prediction.slots[row] as number, 0)),
);
