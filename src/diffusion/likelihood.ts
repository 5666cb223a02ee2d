/**
 * The negative evidence lower bound (NELBO) of a text under a masked-diffusion model: a bound on −log p(text), nats.
 *
 *     NELBO = ∫₀¹ w(t) E[ Σ_{masked} −log p(x_i | visible) ] dt,   w = p'/p            (MDLM, arXiv 2406.07524)
 *           = ∫₀¹ (1/m) E[ Σ_{masked} −log p(x_i | visible) | mask rate m ] dm         (with m = p(t))
 *           = E_k[ (L/k) Σ_{k masked} −log p(x_i | visible) ],   k uniform in 1 … L    (LLaDA, arXiv 2502.09992)
 *
 * The second line has no schedule in it: the value belongs to the model, and a schedule only says where along the mask
 * rates it is measured, which decides how much a finite sample scatters.
 *
 * [MASK] is taken out of the softmax, as in mdlm (its SUBS parameterisation): the text cannot hold it. LLaDA's and dLLM's
 * likelihoods leave it in, which can only raise the value; `keepMask` does so, too.
 */
import { type Corrupted, corrupt, corruptExactly } from './corrupt.ts';
import { scheduleOf } from './drawn-schedule.ts';
import { UnmaskError } from './error.ts';
import { boundary, type Network, type NetworkInfo, rowOf, type Sequence } from './network.ts';
import type { Schedule } from './schedule.ts';
import type { ScheduleChoice } from './settings.ts';
import { FIRST_TIME, type Times, timeDraws, unitDraws } from './times.ts';

/** How masks are drawn, and how their cross-entropy is weighed. */
export type Estimator =
  | {
      readonly kind: 'schedule';
      readonly schedule: ScheduleChoice;
      /** Points of the schedule `drawn`. */
      readonly curve: string;
      readonly times: Times;
    }
  /** Exactly k masks; low-discrepancy draws spread k evenly over 1 … L. */
  | { readonly kind: 'count'; readonly times: Times };

/** What is measured, beside how. */
export interface Bound {
  /**
   * The text is written in blocks of so many tokens (BD3-LM, arXiv 2503.09573): the bound is Σ_b NELBO(x_b | x_<b). Blocks
   * of one token make it exact, one block the bound of masked diffusion.
   */
  readonly block?: number | undefined;
  /** [MASK] stays in the softmax. */
  readonly keepMask?: boolean | undefined;
}

/** One corrupted copy of the text, before the network is asked. */
export interface Draw extends Corrupted {
  /** p(t), or k/L. */
  readonly rate: number;
  /** What its cross-entropy is multiplied by. */
  readonly weight: number;
}

/** One term of an estimate. */
export interface Sample {
  readonly rate: number;
  readonly masked: number;
  readonly weight: number;
  /** Σ −log p over the masked tokens, nats. */
  readonly crossEntropy: number;
  /** weight · crossEntropy: its mean is the NELBO of the whole text. */
  readonly value: number;
}

export interface Batching {
  /** Samples per batch: low-discrepancy times are spread within one. */
  readonly size: number;
  /** Number of the batch, from 0. */
  readonly batch: number;
  readonly seed: number;
}

/** The corrupted copies of one batch: a function of its arguments alone. */
export function drawBatch(
  estimator: Estimator,
  ids: ArrayLike<number>,
  maskId: number,
  { size, batch, seed }: Batching,
): Draw[] {
  const draws = (estimator.kind === 'count' ? unitDraws : timeDraws)(estimator.times, size, seed, batch);
  return Array.from(draws, (at, place) => corruptAt(estimator, ids, maskId, at, seed, batch * size + place));
}

/**
 * The same for a text that is written in blocks: of each sample one copy for each block, which ends with it and has masks
 * in it alone. Low-discrepancy draws are spread over samples and blocks.
 */
export function drawBlocks(
  estimator: Estimator,
  ids: Int32Array,
  maskId: number,
  block: number,
  { size, batch, seed }: Batching,
): Draw[][] {
  const each = Math.ceil(ids.length / block);
  const kind = estimator.kind === 'count' ? unitDraws : timeDraws;
  const draws = kind(estimator.times, size * each, seed, batch);
  return Array.from({ length: size }, (_, sample) =>
    Array.from({ length: each }, (__, b) => {
      const place = sample * each + b;
      const from = b * block;
      const own = ids.subarray(from, from + block);
      const number = batch * draws.length + place;
      const {
        ids: noisy,
        masked,
        ...weighed
      } = corruptAt(estimator, own, maskId, draws[place] as number, seed, number);
      const copy = ids.slice(0, from + own.length);
      copy.set(noisy, from);
      return { ...weighed, ids: copy, masked: masked.map((slot) => from + slot) };
    }),
  );
}

/** `at`: a place in [0, 1) of exact counts, a time of a schedule. */
function corruptAt(
  estimator: Estimator,
  ids: ArrayLike<number>,
  maskId: number,
  at: number,
  seed: number,
  number: number,
): Draw {
  const { length } = ids;
  if (estimator.kind === 'count') {
    const count = Math.min(1 + Math.floor(at * length), length);
    return { ...corruptExactly(ids, maskId, count, seed, number), rate: count / length, weight: length / count };
  }
  const schedule = scheduleOf(estimator);
  const rate = schedule.maskRate(at);
  // The interval of times is 1 − ε long.
  return { ...corrupt(ids, maskId, rate, seed, number), rate, weight: (1 - FIRST_TIME) * schedule.weight(at) };
}

/** The part of the mask rates that times from 0.001 to 1 reach; the loss of the others is missing from an estimate. */
export function visitedRates(schedule: Schedule): readonly [number, number] {
  return [schedule.maskRate(FIRST_TIME), schedule.maskRate(1)];
}

/** Tokens of the copies that one question holds, so that others who ask the same network need not wait long. */
const TOKENS_AT_ONCE = 512;

/** Asks the network, several copies at a time. Throws `UnmaskError`, or the signal's reason between two questions. */
export async function measureBatch(
  network: Network,
  ids: ArrayLike<number>,
  draws: readonly Draw[],
  signal?: AbortSignal,
  { block, keepMask = false }: Bound = {},
): Promise<Sample[]> {
  const mask = maskOf(network);
  const options = keepMask ? {} : { suppress: [mask] };
  const crossEntropies = draws.map(() => 0);
  const open = draws.flatMap(({ masked }, at) => (masked.length > 0 ? [at] : []));
  const size = Math.max(1, Math.floor(TOKENS_AT_ONCE / ids.length));
  for (let first = 0; first < open.length; first += size) {
    signal?.throwIfAborted();
    const places = open.slice(first, first + size);
    const batch = places.map((at) => sequenceOf(draws[at] as Draw, block, network.info));
    const targets = batch.map(({ asked }) => Int32Array.from(asked, (slot) => ids[slot] as number));
    const logProbs = await network.score(batch, targets, options);
    places.forEach((at, i) => {
      crossEntropies[at] = -(logProbs[i] as Float32Array).reduce((sum, x) => sum + x, 0) + 0;
    });
  }
  return draws.map(({ masked, rate, weight }, at) => {
    const crossEntropy = crossEntropies[at] as number;
    return { rate, masked: masked.length, weight, crossEntropy, value: weight * crossEntropy };
  });
}

/** A block sees itself and all before it, whose keys and values are those of the clean text. */
function sequenceOf({ ids, masked }: Draw, block: number | undefined, info: Pick<NetworkInfo, 'logitShift'>): Sequence {
  if (block === undefined) return { ids, asked: masked };
  const sees = { blocks: block, offset: 0 };
  // Where a row answers for the slot behind it, the first slot of a block is answered by the block before.
  const prefix = boundary(sees, rowOf(Math.floor((ids.length - 1) / block) * block, info));
  const read = { ids, asked: masked, sees };
  return prefix === 0 ? read : { ...read, cache: { kind: 'exact', prefix } };
}

/**
 * `measureBatch` of a text in blocks: a sample is the sum over them. Its rate is the share of the text that is masked, its
 * weight what its cross-entropy came to be multiplied by.
 */
async function measureBlocks(
  network: Network,
  ids: ArrayLike<number>,
  draws: readonly (readonly Draw[])[],
  signal: AbortSignal | undefined,
  bound: Bound,
  known: Map<string, number>,
): Promise<Sample[]> {
  // The copy of a block is told by where it ends and what of it is masked.
  const nameOf = ({ ids: copy, masked }: Draw) => `${copy.length} ${masked.join()}`;
  const asked = new Map<string, Draw>();
  for (const draw of draws.flat()) {
    const name = nameOf(draw);
    if (draw.masked.length > 0 && !known.has(name)) asked.set(name, draw);
  }
  const answers = await measureBatch(network, ids, [...asked.values()], signal, bound);
  for (const [i, name] of [...asked.keys()].entries()) known.set(name, (answers[i] as Sample).crossEntropy);
  const measured = draws.flat().map((draw): Sample => {
    const crossEntropy = known.get(nameOf(draw)) ?? 0;
    const { rate, weight } = draw;
    return { rate, masked: draw.masked.length, weight, crossEntropy, value: weight * crossEntropy };
  });
  const each = draws[0]?.length ?? 1;
  return draws.map((_, sample) => {
    const parts = measured.slice(sample * each, (sample + 1) * each);
    const sum = (of: (part: Sample) => number) => parts.reduce((total, part) => total + of(part), 0);
    const [masked, crossEntropy, value] = [sum((x) => x.masked), sum((x) => x.crossEntropy), sum((x) => x.value)];
    return {
      rate: masked / ids.length,
      masked,
      weight: crossEntropy === 0 ? 0 : value / crossEntropy,
      crossEntropy,
      value,
    };
  });
}

function maskOf({ info: { maskId } }: Network): number {
  if (maskId !== undefined) return maskId;
  const message = 'This model has no mask token, so its text has no masked likelihood.';
  throw new UnmaskError({ code: 'canvas', message, remedy: 'Choose a masked model, such as stories.' });
}

/** A block of so many tokens has few ways to be masked (one of a single token), and each is asked once. */
const FEW = 4;

/**
 * Measures several estimators in turns, batch by batch, so that all of them fill at the same pace. Each has draws of its
 * own, so that their means may be compared. Throws what the network throws, or the signal's reason.
 */
export async function* measureInTurns(
  network: Network,
  ids: ArrayLike<number>,
  estimators: readonly Estimator[],
  { batches, size, seed, ...bound }: Bound & { readonly batches: number; readonly size: number; readonly seed: number },
  signal?: AbortSignal,
): AsyncGenerator<{ readonly estimator: number; readonly samples: readonly Sample[] }, void> {
  const { block } = bound;
  const answered = new Map<string, number>();
  for (let batch = 0; batch < batches; batch++) {
    for (const [index, estimator] of estimators.entries()) {
      const own = (seed + index) >>> 0;
      const how = { size, batch, seed: own };
      const mask = maskOf(network);
      const samples =
        block === undefined
          ? measureBatch(network, ids, drawBatch(estimator, ids, mask, how), signal, bound)
          : measureBlocks(
              network,
              ids,
              drawBlocks(estimator, Int32Array.from(ids), mask, block, how),
              signal,
              bound,
              block <= FEW ? answered : new Map(),
            );
      yield { estimator: index, samples: await samples };
    }
  }
}

export interface Estimate {
  /** Samples it is made of. */
  readonly samples: number;
  /** Of the whole text, nats. NaN without samples. */
  readonly mean: number;
  /** Of the mean, from the scatter of the batches: the times within one may depend on each other. NaN below two. */
  readonly standardError: number;
  /** Variance of a single sample, nats². */
  readonly variance: number;
  /** Variance of the mean of a batch, nats². With independent draws it is `variance` / size. */
  readonly batchVariance: number;
}

/** `batches` are of one size; each holds the values of its samples. */
export function summarise(batches: readonly (readonly number[])[]): Estimate {
  const means = batches.map((values) => meanOf(values));
  const all = batches.flat();
  const batchVariance = varianceOf(means);
  return {
    samples: all.length,
    mean: meanOf(all),
    standardError: Math.sqrt(batchVariance / means.length),
    variance: varianceOf(all),
    batchVariance,
  };
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, x) => sum + x, 0) / values.length;
}

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.length < 2 ? Number.NaN : values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
}
