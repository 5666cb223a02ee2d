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
 * Tokens of a text may be masked by how much each says (DiffusionBERT's spindle, where the weight is that of the token's
 * own rate) or by where it stands (AR-Diffusion's times); then the loss is no bound.
 *
 * Times are low-discrepancy: the rows of a batch share one offset and are otherwise evenly spaced. (mdlm and bd3lms draw
 * each row's place in its stratum on its own. Neither changes the mean.)
 */
import { FIRST_TIME, timeDraws, unitDraws } from '../../diffusion/times.ts';
import { centred, spindleMaskRate, spindleSlope, tokenTimes } from '../../diffusion/token-times.ts';
import type { TrainSettings } from '../train-settings.ts';
import {
  type AboutModel,
  divisorOf,
  maskRows,
  maskTokens,
  type Objective,
  type Question,
  type Rows,
  type StepDraw,
} from './objective.ts';

export function mdlm({
  weighting,
  normalisation,
  maskOrder,
}: Pick<TrainSettings, 'weighting' | 'normalisation' | 'maskOrder'>): Objective {
  return {
    name: 'mdlm',
    source: 'MDLM (arXiv 2406.07524), LLaDA (arXiv 2502.09992); loss per token as in dLLM',
    causal: false,
    bound: weighting === 'schedule' && normalisation === 'token' && maskOrder === 'even',
    ask(rows, draw, about) {
      const { maskId, schedule } = about;
      if (maskOrder === 'position') return byPosition(rows, draw, about);
      const times = timeDraws('low-discrepancy', rows.ids.length / rows.length, draw.seed, draw.step);
      const divisor = divisorOf(rows, normalisation);
      // The interval of times is 1 − ε long. Uniform weights: as a mean over the masked tokens.
      const weigh = (row: number, weight: number, masked: number) =>
        weighting === 'schedule' ? ((1 - FIRST_TIME) * weight) / divisor(row) : 1 / masked;
      if (maskOrder === 'spindle') {
        const each = spindleOf(rows, about.frequencies ?? new Float64Array(0));
        const at = (slot: number) => [times[Math.floor(slot / rows.length)] as number, each[slot] as number] as const;
        const weight = (slot: number) => spindleSlope(...at(slot)) / spindleMaskRate(...at(slot));
        return maskTokens(
          rows,
          draw,
          maskId,
          (slot) => spindleMaskRate(...at(slot)),
          (slot, masked) => weigh(Math.floor(slot / rows.length), weight(slot), masked),
        );
      }
      const rates = times.map((t) => schedule.maskRate(t));
      return maskRows(rows, draw, maskId, rates, (row, masked) => {
        return weigh(row, schedule.weight(times[row] as number), masked);
      });
    },
  };
}

/** How common each token is beside the others of its text that may be masked. */
function spindleOf({ ids, maskable, length }: Rows, frequencies: Float64Array): Float64Array {
  const each = new Float64Array(ids.length);
  for (let start = 0; start < ids.length; start += length) {
    const slots = Array.from({ length }, (_, i) => start + i).filter((slot) => maskable[slot] === 1);
    const values = centred(
      slots.map((slot) => ids[slot] as number),
      frequencies,
    );
    slots.forEach((slot, n) => {
      each[slot] = values[n] as number;
    });
  }
  return each;
}

/** Steps of AR-Diffusion. */
const STEPS = 2000;

/** Each text at a point of AR-Diffusion's line, a time for each position. No bound: each masked token counts alike. */
function byPosition(rows: Rows, draw: StepDraw, { maskId, schedule }: AboutModel): Question {
  const { ids, length } = rows;
  const points = unitDraws('low-discrepancy', ids.length / length, draw.seed, draw.step);
  const times = Array.from(points, (u) =>
    tokenTimes(Math.floor(u * (length + STEPS)), { tokens: length, steps: STEPS }),
  );
  const rate = (slot: number) => {
    const time = times[Math.floor(slot / length)]?.[slot % length] as number;
    return schedule.maskRate(time / (STEPS - 1));
  };
  return maskTokens(rows, draw, maskId, rate, (_, masked) => 1 / masked);
}
