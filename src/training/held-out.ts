/**
 * How well held-out texts are predicted: the NELBO per token by the exact-count estimator (`likelihood.ts`, LLaDA): of L
 * tokens k are masked, k spread evenly over 1 … L within a batch, and their cross-entropy weighs L/k. A causal model
 * needs no estimate: its −log p is exact. Texts and masks are the same every time, so that two values may be compared.
 */
import { corruptExactly } from '../diffusion/corrupt.ts';
import { unitDraws } from '../diffusion/times.ts';
import { rowsOf, shuffled } from './data/batches.ts';
import type { Dataset } from './data/dataset.ts';
import { blocksOf, noisyAndClean } from './objectives/bd3lm.ts';
import { nextToken } from './objectives/next-token.ts';
import type { Question, Rows } from './objectives/objective.ts';
import type { Trainable } from './trainable.ts';

export interface HeldOut {
  /** Nats per token: an upper bound of −log p. [MASK] stays in the softmax, which can only raise it. Of edits: their loss. */
  readonly nelbo: number;
  /** Of `nelbo`, from the scatter of the batches. */
  readonly standardError: number;
}

/** Not a run's seed: every run is measured on the same masks. */
const SEED = 0x4e454c42;

/** One batch: weights are L/k per scored token, not normalised. */
export interface Measurement {
  readonly question: Question;
  /** Tokens the batch predicts. */
  readonly tokens: number;
}

export interface Measured {
  readonly texts: number;
  readonly batch: number;
  readonly maskId: number;
  readonly causal: boolean;
  /** Of a network that writes in blocks of so many tokens: the bound is Σ_b NELBO(x_b | x_<b) (BD3-LM). */
  readonly block?: number | undefined;
  /** Draws of masks for each text, which then is a batch of its own: the error is over texts. One, in batches, unless told. */
  readonly draws?: number | undefined;
  /** Of a network that edits: what a batch is asked instead. */
  readonly edits?: ((rows: Rows, batch: number) => Question) | undefined;
}

/** The batches of a measurement on `texts` rows of `data`: at least two when there are two rows. */
export function measurements(
  data: Dataset,
  { texts, batch, maskId, causal, block, draws, edits }: Measured,
): Measurement[] {
  const rows = [...shuffled(data.count, SEED, 0)].slice(0, texts);
  if (draws !== undefined) {
    return rows.map((row, index) =>
      countQuestion(rowsOf(data, Array(draws).fill(row), data.length), { maskId, block }, index),
    );
  }
  const size = Math.min(batch, Math.ceil(rows.length / 2));
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) => {
    const chosen = rowsOf(data, rows.slice(index * size, (index + 1) * size), data.length);
    // The loss of a batch is a mean over its texts.
    if (edits) return { question: edits(chosen, index), tokens: chosen.ids.length / chosen.length };
    if (!causal) return countQuestion(chosen, { maskId, block }, index);
    const question = nextToken.ask(chosen, { seed: SEED, step: 0 }, undefined as never);
    return { question: { ...question, weights: question.weights.map(() => 1) }, tokens: question.scored.length };
  });
}

/** Masks exactly k of the L maskable tokens of each row, or of each block of it. */
function countQuestion(
  { ids, maskable, length }: Rows,
  { maskId, block }: Pick<Measured, 'maskId' | 'block'>,
  batch: number,
): Measurement {
  const size = block ?? length;
  const noisy = ids.slice();
  const masked: number[] = [];
  const weights: number[] = [];
  let tokens = 0;
  const each = blocksOf(length, size);
  const draws = unitDraws('low-discrepancy', (ids.length / length) * each, SEED, batch);
  for (const [index, u] of draws.entries()) {
    const row = Math.floor(index / each) * length;
    const from = row + (index % each) * size;
    const to = Math.min(from + size, row + length);
    const open = Array.from({ length: to - from }, (_, i) => from + i).filter((position) => maskable[position] === 1);
    if (open.length === 0) continue;
    const count = Math.min(1 + Math.floor(u * open.length), open.length);
    const corrupted = corruptExactly(open, maskId, count, SEED, batch * draws.length + index);
    for (const place of corrupted.masked) {
      const position = open[place] as number;
      noisy[position] = maskId;
      masked.push(position);
      weights.push(open.length / count);
    }
    tokens += open.length;
  }
  if (block !== undefined) return { question: noisyAndClean({ ids, length, noisy, masked, weights }, block), tokens };
  const targets = Int32Array.from(masked, (position) => ids[position] as number);
  const scored = Int32Array.from(masked);
  return { question: { inputs: noisy, length, scored, targets, weights: Float32Array.from(weights) }, tokens };
}

/** Asks the network. Throws what it throws, or the signal's reason between two batches. */
export async function measureHeldOut(
  learner: Pick<Trainable, 'crossEntropy'> & Partial<Pick<Trainable, 'loss'>>,
  batches: readonly Measurement[],
  signal?: AbortSignal,
): Promise<HeldOut> {
  const values: number[] = [];
  for (const { question, tokens } of batches) {
    signal?.throwIfAborted();
    if (question.edits) {
      values.push(tokens * ((await learner.loss?.(question)) ?? Number.NaN));
      continue;
    }
    const crossEntropy = await learner.crossEntropy(question);
    values.push(crossEntropy.reduce((sum, each, n) => sum + each * (question.weights[n] as number), 0));
  }
  return perToken(
    values,
    batches.map(({ tokens }) => tokens),
  );
}

/** Σ values / Σ tokens, with the standard error of a ratio: the last batch may be smaller, and texts differ in length. */
export function perToken(values: readonly number[], tokens: readonly number[]): HeldOut {
  const all = tokens.reduce((sum, each) => sum + each, 0);
  const nelbo = values.reduce((sum, each) => sum + each, 0) / all;
  const count = values.length;
  const squares = values.reduce((sum, value, i) => sum + (value - nelbo * (tokens[i] as number)) ** 2, 0);
  return { nelbo, standardError: count < 2 ? Number.NaN : Math.sqrt((squares * count) / (count - 1)) / all };
}

/** What a guess costs that knows only how often each token occurs: the unigram entropy of the data, nats per token. */
export function unigramEntropy({ ids, maskable }: Rows, vocabSize: number): number {
  const counts = new Float64Array(vocabSize);
  let total = 0;
  for (let i = 0; i < ids.length; i++) {
    if (maskable[i] === 0) continue;
    counts[ids[i] as number] = (counts[ids[i] as number] as number) + 1;
    total++;
  }
  return counts.reduce((sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log(count / total)), 0);
}
