/**
 * Random order: every open slot is as likely as any other to be written next. The order under which masked diffusion is
 * trained (MDLM's ancestral sampler up to the rounded count), and dLLM's advice for models without chat training.
 */
import { Stream, stepKey, uniform, word } from '../rng.ts';
import { candidateRows, PLANNED, rank, reveal, type Sampler } from '../sampler.ts';

export const randomSampler: Sampler = {
  name: 'random',
  source: 'MDLM (arXiv 2406.07524) with a rounded count; dLLM and LLaDA, remasking="random"',
  family: 'order',
  exactFor: true,
  followsPlan: true,
  uses: [...PLANNED, 'seed'],
  choose(situation, prediction) {
    const key = stepKey(situation.settings.seed, situation.step, Stream.Order);
    const score = (row: number) => uniform(word(key, prediction.slots[row] as number, 0));
    return reveal(prediction, rank(candidateRows(situation, prediction), score).slice(0, situation.quota));
  },
};
