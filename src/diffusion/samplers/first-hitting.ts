/**
 * First-hitting sampler (arXiv 2409.02908): instead of asking at every moment whether something is revealed, it draws
 * the moment at which the next of the n masks is. That is when the mask rate has fallen to p(t) u^(1/n), u uniform; any
 * one of the masks is as likely to be it. Exact for any schedule, and L tokens cost L forward passes. The network takes no
 * time input, so the schedule moves the clock only, not the words, which are those of `random` at one token a step.
 */
import { Stream, stepKey, uniform, word } from '../rng.ts';
import { candidateRows, rank, reveal, type Sampler } from '../sampler.ts';
import { type Schedule, timeOf } from '../schedule.ts';

/** The time at which the first of `masks` is revealed, after time `t`; `u` in (0, 1). Exported for its test. */
export function hittingTime(schedule: Pick<Schedule, 'maskRate'>, t: number, masks: number, u: number): number {
  return timeOf(schedule, schedule.maskRate(t) * u ** (1 / masks));
}

export const firstHittingSampler: Sampler = {
  name: 'first-hitting',
  source: 'Masked diffusion models are secretly time-agnostic masked models (arXiv 2409.02908)',
  aliases: ['fhs'],
  family: 'one by one',
  exactFor: true,
  followsPlan: false,
  uses: ['schedule', 'seed'],
  choose(situation, prediction) {
    const { settings, step, block, schedule, candidates } = situation;
    const key = stepKey(settings.seed, step, Stream.Order);
    const score = (row: number) => uniform(word(key, prediction.slots[row] as number, 0));
    const before = Math.min(situation.time, 1);
    return {
      ...reveal(prediction, rank(candidateRows(situation, prediction), score).slice(0, 1)),
      time: hittingTime(schedule, before, candidates.length, uniform(word(key, block, 2))),
    };
  },
};
