/**
 * Learning from pairs: the frozen reference, and how far the model has come on pairs that are held out. The masks of a
 * measurement are the same every time, so that two values may be compared.
 */
import { toFloat32 } from '../checkpoint/half.ts';
import type { Model, Weights } from '../checkpoint/model.ts';
import { readHeader } from '../checkpoint/safetensors.ts';
import { memorySource } from '../checkpoint/sources.ts';
import type { Disk } from '../checkpoint/store/disk.ts';
import { writeSafetensors } from '../checkpoint/write-safetensors.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { type Network, predictOne } from '../diffusion/network.ts';
import { preferenceScore } from '../diffusion/preference.ts';
import { rowsOf } from './data/batches.ts';
import type { Dataset } from './data/dataset.ts';
import type { AboutModel, Probe, Question } from './objectives/objective.ts';
import { split } from './objectives/objective.ts';
import { maskedCopies, pairsOf, rightness } from './objectives/vrpo.ts';
import { Trainable } from './trainable.ts';

/** What the loop needs of the reference, and of the pairs that are held out where those are learnt from. */
export interface Preferring {
  readonly reference: Pick<Trainable, 'crossEntropy'>;
  readonly pairs?: Dataset | undefined;
  /** Policy and reference as networks, for the divergence; measured where they are given. */
  readonly networks?: { readonly policy: Network; readonly reference: Network } | undefined;
}

export interface Measure {
  readonly value: number;
  /** Its standard error over the pairs. */
  readonly error: number;
}

/** Of the pairs that are held out. */
export interface PreferenceMeasure {
  /** Share of pairs whose chosen answer has gained more on the reference than the other; one half where neither has. */
  readonly accuracy: Measure;
  /** Mean score divided by β, nats. */
  readonly margin: Measure;
  /**
   * KL(policy ‖ reference) of a masked slot of the chosen answers, nats, over the likeliest words of the policy and all
   * others as one: a lower bound.
   */
  readonly divergence?: Measure;
}

/** Masked copies of each answer of a measurement. */
const DRAWS = 8;
/** Pairs the divergence is measured on. */
const PAIRS_COMPARED = 16;
/** Not a run's seed. */
const SEED = 0x5652504f;
const FILE = 'reference.safetensors';

/** The cross-entropies of what is asked, in parts of `rows` rows. Throws what the network throws. */
export async function crossEntropies(
  learner: Pick<Trainable, 'crossEntropy'>,
  question: Question,
  rows: number,
): Promise<Float32Array> {
  const all = new Float32Array(question.scored.length);
  let at = 0;
  for (const part of split(question, rows)) {
    const values = await learner.crossEntropy(part);
    all.set(values, at);
    at += values.length;
  }
  return all;
}

/**
 * The answers to the probes of the updates of one batch. Those of the policy are given when their update comes; all others
 * at once, before the first. `answers` of an update are to be asked for once, in order.
 */
export async function answerProbes(
  updates: readonly (readonly Probe[])[],
  learner: Pick<Trainable, 'crossEntropy'>,
  reference: Pick<Trainable, 'crossEntropy'> | undefined,
  rows: number,
): Promise<(update: number) => Promise<Float32Array[]>> {
  const known: (Float32Array | undefined)[][] = [];
  for (const probes of updates) {
    const own: (Float32Array | undefined)[] = [];
    for (const { of, question } of probes) {
      if (of === 'reference' && reference === undefined) throw new Error('this objective needs a reference');
      const asked = of === 'reference' ? (reference as NonNullable<typeof reference>) : learner;
      own.push(of === 'policy' ? undefined : await crossEntropies(asked, question, rows));
    }
    known.push(own);
  }
  return async (update) => {
    const answers: Float32Array[] = [];
    const probes = updates[update] as readonly Probe[];
    for (const [at, { question }] of probes.entries()) {
      // Before the first update the policy is what it was before.
      const same = update === 0 ? known[0]?.[probes.findIndex(({ of }) => of === 'before')] : undefined;
      answers.push(known[update]?.[at] ?? same ?? (await crossEntropies(learner, question, rows)));
    }
    return answers;
  };
}

export async function measurePairs(
  learner: Pick<Trainable, 'crossEntropy'>,
  { reference, pairs, networks }: Preferring & { readonly pairs: Dataset },
  { maskId }: Pick<AboutModel, 'maskId'>,
  beta: number,
): Promise<PreferenceMeasure> {
  const scores: number[] = [];
  for (let row = 0; row < pairs.count; row += 8) {
    const rows = Array.from({ length: Math.min(8, pairs.count - row) }, (_, i) => row + i);
    const copies = maskedCopies(rowsOf(pairs, rows, pairs.length), { seed: SEED, step: row }, maskId, DRAWS);
    const [ours, theirs] = [
      await crossEntropies(learner, copies.question, 32),
      await crossEntropies(reference, copies.question, 32),
    ];
    for (const terms of pairsOf(copies, ours, theirs)) scores.push(preferenceScore(terms, beta));
  }
  return {
    accuracy: measure(scores.map(rightness)),
    margin: measure(scores.map((score) => score / beta)),
    ...(networks && { divergence: await divergenceOf(networks, pairs, maskId) }),
  };
}

function measure(values: readonly number[]): Measure {
  const value = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - value) ** 2, 0);
  const { length } = values;
  return { value, error: length < 2 ? Number.NaN : Math.sqrt(squares / (length - 1) / length) };
}

/** How many alternatives tell two distributions apart. */
const ALTERNATIVES = 64;

async function divergenceOf(
  { policy, reference }: NonNullable<Preferring['networks']>,
  pairs: Dataset,
  maskId: number,
): Promise<Measure> {
  const { length, count } = pairs;
  const perText: number[] = [];
  for (let row = 0; row < Math.min(count, 2 * PAIRS_COMPARED); row += 2) {
    const chosen = rowsOf(pairs, [row], length);
    const { question } = maskedCopies(chosen, { seed: SEED, step: row }, maskId, 1);
    const asked = question.scored;
    if (asked.length === 0) continue;
    const sequence = { ids: question.inputs, asked, draw: { seed: 0, step: 0, temperature: 0 } };
    const options = { topK: Math.min(ALTERNATIVES, policy.info.vocabSize - 1), suppress: [maskId] };
    const ours = await predictOne(policy, sequence, options);
    const theirs = await predictOne(reference, sequence, options);
    perText.push(slotDivergences(ours, theirs).reduce((sum, x) => sum + x, 0) / asked.length);
  }
  return measure(perText);
}

type Alternatives = { readonly topK: number; readonly topIds: Int32Array; readonly topLogProbs: Float32Array };

/** Of each row: KL over the ids that both list, all others as one. */
export function slotDivergences(ours: Alternatives, theirs: Alternatives): number[] {
  const { topK } = ours;
  return Array.from({ length: ours.topIds.length / topK }, (_, row) => {
    const other = new Map<number, number>();
    for (let k = 0; k < theirs.topK; k++) {
      const at = row * theirs.topK + k;
      other.set(theirs.topIds[at] as number, theirs.topLogProbs[at] as number);
    }
    let [sum, left, otherLeft] = [0, 1, 1];
    for (let k = 0; k < topK; k++) {
      const at = row * topK + k;
      const q = other.get(ours.topIds[at] as number);
      if (q === undefined) continue;
      const p = ours.topLogProbs[at] as number;
      sum += Math.exp(p) * (p - q);
      left -= Math.exp(p);
      otherLeft -= Math.exp(q);
    }
    const rest = left > 1e-6 && otherLeft > 1e-6 ? left * Math.log(left / otherLeft) : 0;
    return Math.max(0, sum + rest);
  });
}

/** Keeps what a run began with, for when it goes on. */
export async function keepReference(disk: Disk, weights: ReadonlyMap<string, Float32Array>): Promise<void> {
  const tensors = [...weights].map(
    ([name, values]) =>
      [name, { dtype: 'F32' as const, shape: [values.length], bytes: new Uint8Array(values.slice().buffer) }] as const,
  );
  await disk.put(FILE, writeSafetensors(tensors));
}

/** A reference of these weights, or of those that `keepReference` kept. It is never taught. Throws `UnmaskError`. */
export async function openReference(
  model: Pick<Model, 'arch' | 'weights'>,
  disk: Disk | undefined,
  signal?: AbortSignal,
): Promise<Trainable> {
  const weights = disk ? await keptWeights(model.weights, disk) : model.weights;
  return Trainable.create(model.arch, weights, { learns: false, signal });
}

async function keptWeights(like: Weights, disk: Disk): Promise<Weights> {
  const file = await disk.open(FILE);
  if (file === undefined) {
    const message = 'The model that this run began with is not kept beside it any more.';
    throw new UnmaskError({ code: 'storage', message, remedy: 'Start a new run.' });
  }
  const source = memorySource(new Map([[FILE, await file.read(0, file.size)]]), 'the run');
  const values = new Map<string, Float32Array>();
  for (const [name, { start, end }] of await readHeader(source, FILE)) {
    values.set(name, toFloat32(await source.read(FILE, start, end), 'F32'));
  }
  const tensors = new Map(
    [...like.tensors].map(([name, { shape }]) => [
      name,
      { dtype: 'F32' as const, shape, byteLength: 4 * shape.reduce((product, size) => product * size, 1) },
    ]),
  );
  return {
    tensors,
    parameters: like.parameters,
    read: async (name) => new Uint8Array((values.get(name) as Float32Array).slice().buffer) as Uint8Array<ArrayBuffer>,
  };
}
