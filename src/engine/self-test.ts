/**
 * Whether this very device computes what it should. Small models run through all kernels; their logits must be those of
 * a second program (src/engine/golden), and their answers (best tokens, log-probabilities, the token that the seeded
 * noise draws) those of the decoder's plain reference. On a real card every form of the products that it may choose is tried.
 */

import type { Weights } from '../checkpoint/model.ts';
import { inPrecision, type Precision } from '../checkpoint/precision.ts';
import { type ErrorData, UnmaskError } from '../diffusion/error.ts';
import { predictOne } from '../diffusion/network.ts';
import { gumbel, Stream, stepKey } from '../diffusion/rng.ts';
import type { Arch } from '../model/arch.ts';
import type { EngineDevice } from './device.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { reference as decodeReference } from './kernels/decode.ts';
import { TILES, type TileName } from './kernels/matmul.ts';
import { readTensors, logits as referenceLogits } from './reference.ts';
import { ROLES } from './tiles.ts';
import { allowedTiles, type TuningCache } from './tune.ts';

/** A model and its logits, in f64, at some rows. */
export interface Known {
  readonly arch: Arch;
  readonly weights: Weights;
  readonly ids: Int32Array;
  readonly rows: Int32Array;
  /** `[rows][V]`. */
  readonly logits: readonly ArrayLike<number>[];
}

/** Log-probabilities of a model too large to keep all its logits. */
export interface KnownAnswers {
  readonly arch: Arch;
  readonly weights: Weights;
  readonly ids: Int32Array;
  readonly answers: readonly { readonly row: number; readonly logSumExp: number; readonly top: readonly TopToken[] }[];
}
type TopToken = readonly [id: number, logProb: number];

export type Trial = { readonly name: string; readonly precision?: Precision } & (
  | { readonly open: () => Promise<Known>; readonly everyTile?: boolean }
  | { readonly openAnswers: () => Promise<KnownAnswers> }
);

export interface Check {
  readonly trial: string;
  /** Of the products, where it is not the usual one. */
  readonly tile?: TileName | undefined;
  readonly what: 'logits' | 'answers';
  readonly tokens: number;
  /** Largest difference, in nats; NaN where something is missing. */
  readonly worst: number;
  readonly tolerance: number;
  readonly passed: boolean;
  /** Why it could not be run at all. */
  readonly error?: ErrorData | undefined;
}

/** Of the range of a model's logits: golden/README.md, 1e-3 where they span 20 units. */
const RELATIVE = 5e-5;
/** The same where products are made in f16: these harsh models lose 5e-3 of their range by it on lavapipe. */
const RELATIVE_HALF = 1.5e-2;
/** An answer adds two logits, or weighs several: entropy is off by a few times as much as the logits it is made of. */
const ANSWERS = 4;
/** Of trained weights: a log-probability, nats. */
const TRAINED = 5e-4;
const TOP = 8;
const DRAW = { seed: 20, step: 3, temperature: 0.8 };

/**
 * One check after the other. A device that fails to compile or run a trial fails it; other errors (network, a broken
 * file), the loss of the device and the signal's reason are thrown.
 */
export async function* selfTest(
  device: EngineDevice,
  trials: readonly Trial[],
  signal?: AbortSignal,
): AsyncGenerator<Check, void> {
  for (const trial of trials) {
    signal?.throwIfAborted();
    yield* checks(device, trial, undefined, signal);
    if (!('open' in trial && trial.everyTile) || device.software) continue;
    for (const tile of allowedTiles({ features: device.gpu.features, allowF16: true })) {
      signal?.throwIfAborted();
      if (!tile.startsWith('software')) yield* checks(device, trial, tile, signal);
    }
  }
}

async function* checks(
  device: EngineDevice,
  trial: Trial,
  tile: TileName | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Check, void> {
  const known = 'open' in trial ? await trial.open() : await trial.openAnswers();
  const about = { trial: trial.name, tile, tokens: known.ids.length };
  let engine: Engine | undefined;
  try {
    engine = await Engine.create(device, known, { ...engineOptions(tile), signal, precision: trial.precision });
    await engine.warm(known.ids.length);
    if (!('logits' in known)) {
      yield judged({ ...about, what: 'answers' }, await trainedAnswers(engine, known), TRAINED);
      return;
    }
    const tolerance = rangeOf(known.logits) * (tile && TILES[tile].form === 'half' ? RELATIVE_HALF : RELATIVE);
    yield judged({ ...about, what: 'logits' }, await worstLogit(engine, known), tolerance);
    signal?.throwIfAborted();
    if (tile === undefined) {
      yield judged({ ...about, what: 'answers' }, await worstAnswer(engine, known), ANSWERS * tolerance);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    const error = UnmaskError.from(cause);
    if (error.code !== 'device' && error.code !== 'internal') throw error;
    // A lost device says nothing about what it computes; another one can try again.
    if (await isLost(device)) throw error;
    yield { ...judged({ ...about, what: 'logits' }, Number.NaN, 0), error: error.toJSON() };
  } finally {
    engine?.destroy();
  }
}

/** The news of a loss may come after the failure it causes. */
function isLost({ lost }: EngineDevice): Promise<boolean> {
  const later = new Promise<false>((resolve) => setTimeout(resolve, 500, false));
  return Promise.race([lost.then(() => true), later]);
}

/** A cache whose verdict is always this tile makes an engine take it. */
function engineOptions(tile: TileName | undefined): EngineOptions {
  if (tile === undefined) return {};
  const tuning: TuningCache = { get: () => ROLES.map(() => tile).join(), set: () => undefined };
  return { tuning, allowF16Arithmetic: true };
}

function judged(about: Omit<Check, 'worst' | 'tolerance' | 'passed'>, worst: number, tolerance: number): Check {
  return { ...about, worst, tolerance, passed: worst <= tolerance };
}

async function worstLogit(engine: Engine, { ids, rows, logits }: Known): Promise<number> {
  const got = await engine.logits(ids);
  let worst = 0;
  rows.forEach((row, i) => {
    const want = logits[i] as ArrayLike<number>;
    for (let id = 0; id < engine.info.vocabSize; id++) {
      worst = larger(worst, (got[row * engine.info.vocabSize + id] as number) - (want[id] as number));
    }
  });
  return worst;
}

/** Near ties may fall either way, so a token counts by what it lacks to the one that the reference would take. */
async function worstAnswer(engine: Engine, { ids, rows, logits }: Known): Promise<number> {
  const suppress = [indexOfLargest(logits[0] as ArrayLike<number>)];
  // The row of a causal model answers for the slot after it.
  const asked = rows.map((row) => row + engine.info.logitShift);
  const answer = await predictOne(engine, { ids, asked, draw: DRAW }, { topK: TOP, suppress });
  let worst = 0;
  asked.forEach((slot, i) => {
    const row = logits[i] as ArrayLike<number>;
    const want = decodeReference(row, slot, DRAW, TOP, suppress);
    const drawn = answer.ids[i] as number;
    worst = larger(worst, suppress.includes(drawn) ? Number.NaN : lacks(row, slot, drawn, want.id));
    const logProb = (row[drawn] as number) - want.logSumExp;
    worst = larger(worst, (answer.logProbs[i] as number) - logProb);
    worst = larger(worst, (answer.entropy[i] as number) - want.entropy);
    worst = larger(worst, (answer.logSumExp[i] as number) - want.logSumExp);
    for (let k = 0; k < TOP; k++) {
      const id = answer.topIds[i * TOP + k] as number;
      const [own, best] = [answer.topLogProbs[i * TOP + k] as number, want.topLogProbs[k] as number];
      worst = larger(worst, own - best);
      worst = larger(worst, (row[id] as number) - want.logSumExp - best);
      if (suppress.includes(id)) worst = Number.NaN;
    }
  });
  return worst;
}

/** By how much the reference prefers its own token to `id`: their logits with the noise of each. */
function lacks(row: ArrayLike<number>, slot: number, id: number, best: number): number {
  const key = stepKey(DRAW.seed, DRAW.step, Stream.Gumbel);
  const noisy = (token: number) => (row[token] as number) + DRAW.temperature * gumbel(key, slot, token);
  return noisy(best) - noisy(id);
}

async function trainedAnswers(engine: Engine, { ids, answers }: KnownAnswers): Promise<number> {
  const topK = Math.max(...answers.map(({ top }) => top.length));
  const slots = Int32Array.from(answers, ({ row }) => row + engine.info.logitShift);
  const got = await predictOne(engine, { ids, asked: slots, draw: { ...DRAW, temperature: 0 } }, { topK });
  let worst = 0;
  answers.forEach(({ logSumExp, top }, i) => {
    worst = larger(worst, (got.logSumExp[i] as number) - logSumExp);
    const own = new Map(
      top.map((_, k) => [got.topIds[i * topK + k] as number, got.topLogProbs[i * topK + k] as number]),
    );
    for (const [id, logProb] of top.slice(0, -1)) worst = larger(worst, (own.get(id) ?? Number.NaN) - logProb);
  });
  return worst;
}

/** Once something is not a number, the whole is not. */
function larger(worst: number, difference: number): number {
  return Number.isNaN(difference) ? Number.NaN : Math.max(worst, Math.abs(difference));
}

function rangeOf(rows: readonly ArrayLike<number>[]): number {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) {
      lowest = Math.min(lowest, row[i] as number);
      highest = Math.max(highest, row[i] as number);
    }
  }
  return highest - lowest;
}

function indexOfLargest(row: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] as number) > (row[best] as number)) best = i;
  return best;
}

/** The same model with weights rounded so, and the logits that the plain reference of the engine gives for it. */
export async function rounded({ arch, weights, ids, rows }: Known, precision: Precision): Promise<Known> {
  const tensors = await readTensors(inPrecision(arch, weights, { precision }));
  const all = referenceLogits(arch, tensors, ids);
  const logits = Array.from(rows, (row) => all.subarray(row * arch.vocab, (row + 1) * arch.vocab));
  return { arch, weights, ids, rows, logits };
}
