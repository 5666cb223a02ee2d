/**
 * Threshold decoding of Fast-dLLM (arXiv 2505.22618): write every slot at least this confident, always the best one.
 * Easy stretches then take one forward pass and hard ones as many as they need; the plan's quota is not used. Barry's
 * later version takes the arg-max and is as sure of it as a softmax at temperature 0.8 says; here the temperature of the
 * settings draws, and sure means at temperature 1.
 */
import { candidateRows, confidence, rank, reveal, type Sampler } from '../sampler.ts';

export const thresholdSampler: Sampler = {
  name: 'threshold',
  source:
    'Fast-dLLM (arXiv 2505.22618), confidence threshold; N. Barry, RoBERTaDiffusion, later version, there at temperature 0.8',
  family: 'parallel',
  exactFor: false,
  followsPlan: false,
  uses: ['threshold'],
  paper: { threshold: 0.9, block: 32, temperature: 0 },
  choose(situation, prediction) {
    const score = (row: number) => confidence(prediction, row);
    const ranked = rank(candidateRows(situation, prediction), score);
    return reveal(
      prediction,
      ranked.filter((row, place) => place === 0 || score(row) >= situation.settings.threshold),
    );
  },
};
