/**
 * Samplers that look one step ahead (Improving Sampling for Masked Diffusion Models via Information Gain, arXiv 2602.18176;
 * its code and dLLM pull request 111). Eight choices of slots are drawn around the surest one, the network says what would
 * follow from each, and the best is written:
 *
 *     Info-Gain   J(a) = −H_next(a) − C(a)        LookUM   J(a) = −H_next(a)
 *
 * C is the summed entropy of what is written, H_next the mean entropy of the masks that are left. Where the plan's slots are
 * all at least as sure as the threshold they are written without looking; their code then writes every such slot, here the
 * plan says how many. There each choice may also draw its tokens anew; here all take the tokens that were drawn, which at
 * its temperature, 0, is the same.
 */
import type { Prediction } from './network.ts';
import { gumbel, Stream, stepKey } from './rng.ts';
import { type About, type Choice, candidateRows, confidence, PLANNED, rank, reveal, type Sampler } from './sampler.ts';

const CANDIDATES = 8;
/** Of the noise by which the choices differ (position_temperature). */
const TEMPERATURE = 0.2;
/** Draws of the stream before it are those of other orders. */
const FIRST_DRAW = 16;

export function lookingAhead(
  about: Pick<About, 'name' | 'source'> & Partial<About>,
  cost: (written: number) => number,
): Sampler {
  const propose: NonNullable<Sampler['ahead']>['propose'] = (situation, prediction) => {
    const { quota, settings, step } = situation;
    const rows = candidateRows(situation, prediction);
    const sure = rank(rows, (row) => confidence(prediction, row));
    const isCertain = (row: number) => bestOf(prediction, row) >= settings.threshold;
    const certain = sure.filter(isCertain);
    if (certain.length >= quota) return [reveal(prediction, certain.slice(0, quota))];
    if (rows.length <= quota) return [reveal(prediction, sure)];
    const key = stepKey(settings.seed, step, Stream.Order);
    const found = new Map<string, Choice>();
    for (let candidate = 0; candidate < CANDIDATES; candidate++) {
      const value = (row: number) => {
        const noise = gumbel(key, prediction.slots[row] as number, FIRST_DRAW + candidate);
        return candidate === 0 ? confidence(prediction, row) : confidence(prediction, row) / TEMPERATURE + noise;
      };
      const chosen = rank(rows, value).slice(0, quota);
      const slots = chosen.toSorted((a, b) => a - b).join();
      if (!found.has(slots)) found.set(slots, reveal(prediction, chosen));
    }
    return [...found.values()];
  };
  return {
    exactFor: false,
    ...about,
    family: 'order',
    followsPlan: true,
    uses: [...PLANNED, 'threshold', 'seed'],
    paper: { threshold: 0.8, temperature: 0, block: 32 },
    choose: (situation, prediction) => propose(situation, prediction)[0] as Choice,
    ahead: {
      propose,
      decide(prediction, choices, after) {
        const entropyAt = new Map(
          Array.from(prediction.slots, (slot, row) => [slot, prediction.entropy[row] as number]),
        );
        const values = choices.map(({ reveal: written }, at) => {
          const now = written.reduce((sum, { slot }) => sum + (entropyAt.get(slot) ?? 0), 0);
          return -cost(now) - meanEntropy(after[at]);
        });
        return values.indexOf(Math.max(...values));
      },
    },
  };
}

/** Probability of a row's likeliest token. */
function bestOf({ topLogProbs, topK }: Prediction, row: number): number {
  return Math.exp(topLogProbs[row * topK] as number);
}

function meanEntropy(prediction: Prediction | undefined): number {
  if (prediction === undefined) return 0;
  return prediction.entropy.reduce((sum, each) => sum + each, 0) / prediction.entropy.length;
}
