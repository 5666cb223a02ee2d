/**
 * Samplers that go with the time of the schedule: at every grid point each open slot is written with one chance, and each
 * written slot masked again with another, all independently. Chances depend on the time, never on what the network says,
 * so grid points at which no coin falls need no forward pass: the network takes no time input (the cache of MDLM's
 * ddpm_cache, arXiv 2406.07524, in its purest form).
 */
import { Stream, stepKey, uniform, word } from './rng.ts';
import { type About, reveal, type Sampler, type Situation } from './sampler.ts';

export interface Chances {
  /** That an open slot is written at this grid point. */
  readonly reveal: number;
  /** That a written slot is masked again; 0 when absent. */
  readonly remask?: (slot: number) => number;
}

/** The coin of a slot at a grid point, in (0, 1); one for writing it, one for masking it again. */
export function coin({ settings, grid, block }: Situation, slot: number, what: 'reveal' | 'remask'): number {
  const key = stepKey(settings.seed, grid, Stream.Chance);
  return uniform(word(key, slot, 2 * block + (what === 'reveal' ? 0 : 1)));
}

export function byChance(
  about: About & Pick<Sampler, 'uses' | 'revisits'>,
  chances: (situation: Situation) => Chances,
): Sampler {
  const toWrite = (situation: Situation): number[] => {
    const chance = chances(situation).reveal;
    return situation.candidates.filter((slot) => coin(situation, slot, 'reveal') < chance);
  };
  return {
    ...about,
    followsPlan: false,
    followsTime: true,
    asks: (situation) => (toWrite(situation).length === 0 ? [] : situation.candidates),
    choose(situation, prediction) {
      const slots = new Set(toWrite(situation));
      const rows = Array.from(prediction.slots.keys()).filter((row) => slots.has(prediction.slots[row] as number));
      const remask = chances(situation).remask;
      return {
        ...reveal(prediction, rows),
        remask: remask ? situation.rewritable.filter((slot) => coin(situation, slot, 'remask') < remask(slot)) : [],
      };
    },
  };
}
