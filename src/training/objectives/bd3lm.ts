/**
 * Block diffusion (BD3-LM, arXiv 2503.09573; dLLM's BD3LMTrainer). A text is written block by block, each by masked
 * diffusion given the blocks before it: −log p(x) ≤ Σ_b NELBO(x_b | x_<b). One pass scores all blocks, because the network
 * reads the masked text and the clean one side by side, x_t ‖ x_0: a masked block sees itself and the clean blocks before
 * it. Blocks of one token are autoregression, one block of the whole text is MDLM.
 *
 *     loss = (1 / maskable tokens of the batch) Σ_b w(t_b) Σ_{masked in b} −log p(x_i | x_t of its block, x_0 before it)
 */
import { Stream, stepKey, uniform, word } from '../../diffusion/rng.ts';
import type { Schedule } from '../../diffusion/schedule.ts';
import { FIRST_TIME, stratified } from '../../diffusion/times.ts';
import type { Sees } from '../../model/arch.ts';
import type { TrainSettings } from '../train-settings.ts';
import { divisorOf, type Objective, type Question, type Rows } from './objective.ts';

export type BlockSettings = Pick<
  TrainSettings,
  'weighting' | 'normalisation' | 'block' | 'blockTimes' | 'firstTime' | 'lastTime' | 'redraw'
>;

export function bd3lm(settings: BlockSettings): Objective {
  const { block, blockTimes, firstTime, lastTime, weighting, normalisation } = settings;
  const whole = firstTime === FIRST_TIME && lastTime === 1;
  return {
    name: 'bd3lm',
    source: 'BD3-LM (arXiv 2503.09573), bd3lms diffusion.py; normalisations and one time per text as in dLLM',
    causal: false,
    // Blocks of one token at time 1 are scored exactly.
    bound: weighting === 'schedule' && normalisation === 'token' && (whole || (block === 1 && firstTime === 1)),
    block,
    ask(rows, { seed, step }, { maskId, schedule }) {
      const count = rows.ids.length / rows.length;
      const draws = blockTimes === 'each' ? count * blocksOf(rows.length, block) : count;
      const [times, masks] = [stepKey(seed, step, Stream.Time), stepKey(seed, step, Stream.Corrupt)];
      const places = stratified(Float64Array.from({ length: draws }, (_, i) => uniform(word(times, i, 0))));
      return blockQuestion(rows, settings, {
        maskId,
        schedule,
        times: places.map((place) => firstTime + (lastTime - firstTime) * place),
        chance: (slot, turn) => uniform(word(masks, slot, turn)),
      });
    },
  };
}

/** What is drawn for a batch. */
export interface BlockDraws {
  readonly maskId: number;
  readonly schedule: Schedule;
  /** Of each block, rows first, or, `shared`, of each row. */
  readonly times: ArrayLike<number>;
  /** Of a flat slot, in the n-th turn of a block that is drawn again: masked while it is below the mask rate. */
  readonly chance: (slot: number, turn: number) => number;
}

/** Turns of a block that is drawn again, after which it stays as it is: tokens that are never masked may hold it back. */
const MOST_TURNS = 1000;

export function blockQuestion(
  rows: Rows,
  settings: BlockSettings,
  { maskId, schedule, times, chance }: BlockDraws,
): Question {
  const { block, blockTimes, firstTime, lastTime, weighting, redraw } = settings;
  const { ids, maskable, length } = rows;
  const noisy = ids.slice();
  const masked: number[] = [];
  const weights: number[] = [];
  const divisor = divisorOf(rows, settings.normalisation);
  // Clipped times stand in for the whole interval, which is else 1 − ε long; above a half bd3lms weighs all alike.
  const part = lastTime - firstTime >= 1 - FIRST_TIME ? 1 - FIRST_TIME : 1;
  const alike = weighting === 'uniform' || firstTime > 0.5;
  const [lowest, highest] = [schedule.maskRate(firstTime), schedule.maskRate(lastTime)];
  const outside = (share: number) => (firstTime > FIRST_TIME && share < lowest) || (lastTime < 1 && share > highest);
  let index = 0;
  for (let start = 0; start < ids.length; start += length) {
    for (let from = start; from < start + length; from += block, index++) {
      const time = times[blockTimes === 'each' ? index : start / length] as number;
      const rate = schedule.maskRate(time);
      const open = range(from, Math.min(from + block, start + length)).filter((slot) => maskable[slot] === 1);
      const draw = (turn: number) => open.filter((slot) => chance(slot, turn) < rate);
      let chosen = draw(0);
      // NaN where nothing may be masked: that lies nowhere outside.
      for (let turn = 1; redraw && outside(chosen.length / open.length) && turn < MOST_TURNS; turn++) {
        chosen = draw(turn);
      }
      for (const slot of chosen) {
        noisy[slot] = maskId;
        masked.push(slot);
        weights.push((alike ? 1 : part * schedule.weight(time)) / divisor(start / length));
      }
    }
  }
  return noisyAndClean({ ids, length, noisy, masked, weights }, block);
}

/**
 * The masked texts, each followed by the clean one; `masked` are flat slots of the texts alone. A single block looks at no
 * clean text, so there it is left out.
 */
export function noisyAndClean(
  {
    ids,
    length,
    noisy,
    masked,
    weights,
  }: Pick<Rows, 'ids' | 'length'> & {
    readonly noisy: Int32Array;
    readonly masked: readonly number[];
    readonly weights: readonly number[];
  },
  block: number,
): Question {
  const asked = {
    targets: Int32Array.from(masked, (slot) => ids[slot] as number),
    weights: Float32Array.from(weights),
  };
  if (block >= length) {
    const { sees } = patternOf(length, block);
    return { inputs: noisy, length, sees, scored: Int32Array.from(masked), ...asked };
  }
  const inputs = new Int32Array(2 * ids.length);
  for (let start = 0; start < ids.length; start += length) {
    inputs.set(noisy.subarray(start, start + length), 2 * start);
    inputs.set(ids.subarray(start, start + length), 2 * start + length);
  }
  return {
    inputs,
    length: 2 * length,
    ...patternOf(length, block),
    scored: Int32Array.from(masked, (slot) => slot + slot - (slot % length)),
    ...asked,
  };
}

export function blocksOf(length: number, block: number): number {
  return Math.ceil(length / block);
}

interface Pattern {
  readonly positions: Int32Array;
  readonly sees: Sees;
}

/** The pattern asked for last, so that a network that keeps what it made of it knows it again. */
let last: { readonly key: string; readonly pattern: Pattern } | undefined;

function patternOf(length: number, block: number): Pattern {
  const key = `${length} ${block}`;
  if (last?.key !== key) {
    const positions = Int32Array.from({ length: 2 * length }, (_, i) => i % length);
    const sees: Sees = block < length ? { noisyAndClean: block } : { blocks: block };
    last = { key, pattern: { positions, sees } };
  }
  return last.pattern;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
