/**
 * Samplers that go with the time of the schedule: at every grid point each open slot is written with one chance, and each
 * written slot masked again with another, all independently. Chances depend on the time, never on what the network says,
 * so grid points at which no coin falls need no forward pass: the network takes no time input (the cache of MDLM's
 * ddpm_cache, arXiv 2406.07524, in its purest form).
 */
import { Stream, stepKey, uniform, word } from './rng.ts';
import { type About, reveal, type Sampler, type Situation } from './sampler.ts';

export interface Chances {
  /** That an open slot is written at this grid point, or what it is of each. */
  readonly reveal: number | ((slot: number) => number);
  /** That a written slot is masked again; 0 when absent. */
  readonly remask?: (slot: number) => number;
}

/** The coins of a grid point, in (0, 1): every slot has one for being written and one for being masked again. */
export function coins({ settings, grid, block }: Situation, what: 'reveal' | 'remask'): (slot: number) => number {
  const key = stepKey(settings.seed, grid, Stream.Chance);
  const draw = 2 * block + (what === 'reveal' ? 0 : 1);
  return (slot) => uniform(word(key, slot, draw));
}

export function byChance(
  about: About & Pick<Sampler, 'uses' | 'revisits'>,
  chances: (situation: Situation) => Chances,
): Sampler {
  const toWrite = (situation: Situation): number[] => {
    const { reveal: chance } = chances(situation);
    const coin = coins(situation, 'reveal');
    return situation.candidates.filter((slot) => coin(slot) < (typeof chance === 'number' ? chance : chance(slot)));
  };
  return {
    ...about,
    followsPlan: false,
    followsTime: true,
    asks: (situation) => (toWrite(situation).length === 0 ? [] : situation.candidates),
    choose(situation, prediction) {
      const slots = new Set(toWrite(situation));
      const rows = Array.from(prediction.slots.keys()).filter((row) => slots.has(prediction.slots[row] as number));
      const { remask } = chances(situation);
      const coin = coins(situation, 'remask');
      return {
        ...reveal(prediction, rows),
        remask: remask ? situation.rewritable.filter((slot) => coin(slot) < remask(slot)) : [],
      };
    },
  };
}
