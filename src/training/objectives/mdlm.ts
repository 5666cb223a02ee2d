/**
 * Masked diffusion (MDLM, arXiv 2406.07524; LLaDA, arXiv 2502.09992; dLLM's MDLMTrainer): each text has a time t, each of
 * its tokens is masked with chance p(t), and the masked ones are to be guessed. With the weight p'/p the expected loss is
 * the NELBO; with uniform weights every masked token counts alike, which has less variance and no such meaning.
 * Beside dLLM, whose loss divides by α' / (1 − α + 10⁻⁶) and takes the interval of times as 1 long, this one is smaller by
 * (1 − 10⁻³) (1 + 10⁻⁶/t) with linear times, which is the integral; and its uniform weights are a mean over the masked
 * tokens, dLLM's a sum divided by all that could be masked.
 *
 *     loss = (1 / maskable tokens of the batch) Σ_b w(t_b) Σ_{masked in b} −log p(x_i | visible)
 *
 * Times are low-discrepancy: the rows of a batch share one offset and are otherwise evenly spaced. (mdlm and bd3lms draw
 * each row's place in its stratum on its own. Neither changes the mean.)
 */
import { FIRST_TIME, timeDraws } from '../../diffusion/times.ts';
import type { TrainSettings } from '../train-settings.ts';
import { divisorOf, maskRows, type Objective } from './objective.ts';

export function mdlm({ weighting, normalisation }: Pick<TrainSettings, 'weighting' | 'normalisation'>): Objective {
  return {
    name: 'mdlm',
    source: 'MDLM (arXiv 2406.07524), LLaDA (arXiv 2502.09992); loss per token as in dLLM',
    causal: false,
    bound: weighting === 'schedule' && normalisation === 'token',
    ask(rows, draw, { maskId, schedule }) {
      const times = timeDraws('low-discrepancy', rows.ids.length / rows.length, draw.seed, draw.step);
      const rates = times.map((t) => schedule.maskRate(t));
      const divisor = divisorOf(rows, normalisation);
      // The interval of times is 1 − ε long. Uniform weights: as a mean over the masked tokens.
      const weight = (row: number) => ((1 - FIRST_TIME) * schedule.weight(times[row] as number)) / divisor(row);
      return maskRows(rows, draw, maskId, rates, weighting === 'schedule' ? weight : (_, masked) => 1 / masked);
    },
  };
}
