/**
 * How likely a model finds a continuation after a context, nats. Of a causal network exactly, Σ log p(x_t | x_<t). Of a
 * masked one by the evidence lower bound of the continuation alone, the context being visible throughout:
 *
 *     log p(y | c) ≥ −E_k[ (L/k) Σ_{k masked of y} −log p(y_i | c, visible) ],   k uniform in 1 … L
 *
 * as LLaDA (arXiv 2502.09992, appendix B) and dLLM (core/eval/mdlm.py) estimate it, with mask counts spread evenly over
 * each batch. Where a continuation is so short that all its sets of masks cost no more than the samples, they are summed
 * up instead, and the bound is exact.
 *
 * Of a model that writes in blocks (BD3-LM, arXiv 2503.09573 eq. 7) the bound is a sum over the blocks of the continuation,
 * each given all before it; nothing behind a block is read. Blocks of one token make it exact.
 */
import { maskExactly } from '../diffusion/corrupt.ts';
import { boundary, type Network, type NetworkInfo, predictOne, rowOf, type Sequence } from '../diffusion/network.ts';
import { unitDraws } from '../diffusion/times.ts';

export interface Likelihoods {
  /** Masked copies of one continuation. */
  readonly samples: number;
  /** Copies whose mask counts are spread over 1 … L together. */
  readonly batch: number;
  readonly seed: number;
  /**
   * As dLLM does it to the letter: its rounding of the counts, which are not equally likely where L/batch has a half; a
   * sample even where a sum would do; the mask token stays among what could stand in a slot.
   */
  readonly exact: boolean;
  /** Tokens of a block, from the beginning of the continuation; without, it is read and masked as a whole. */
  readonly block?: number | undefined;
}

/** Token ids: what is given, and what is scored after it. */
export interface Pair {
  readonly prefix: readonly number[];
  readonly target: readonly number[];
}

export interface Likelihood {
  /** log p(target | prefix), or its lower bound, nats. */
  readonly value: number;
  /** Standard error of the estimate; 0 where nothing was drawn. */
  readonly error: number;
}

/** One masked copy of a target; the mean of weight · cross-entropy over its copies is the bound, by their shares. */
export interface Copy {
  /** Masked places of the target, ascending. */
  readonly masked: readonly number[];
  readonly weight: number;
  /** Its share of the mean. */
  readonly share: number;
}

/** Tokens of the copies that one question holds. */
const TOKENS_AT_ONCE = 2048;
/** Of a target whose sets of masks are all summed up. */
const MOST_SUMMED = 7;

/** dLLM's mask counts of one batch (_forward_process of core/eval/mdlm.py), in its 32-bit arithmetic. */
export function roundedCounts(first: number, length: number, batch: number): number[] {
  const step = Math.fround(length / batch);
  return Array.from({ length: batch }, (_, i) => {
    const place = roundHalfToEven(Math.fround(first + Math.fround(i * step)));
    return ((place - 1) % length) + 1;
  });
}

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The masked copies of a target of `length` tokens: a function of its arguments alone. */
export function copiesOf(length: number, { samples, batch, seed, exact }: Likelihoods): Copy[] {
  if (length === 1) return [{ masked: [0], weight: 1, share: 1 }];
  if (!exact && length <= MOST_SUMMED && 2 ** length - 1 <= samples) return everySet(length);
  const size = Math.min(batch, samples);
  const batches = Math.ceil(samples / size);
  return Array.from({ length: batches }, (_, index) => {
    const counts = exact
      ? roundedCounts(1 + Math.floor((unitDraws('independent', 1, seed, index)[0] as number) * length), length, size)
      : Array.from(unitDraws('low-discrepancy', size, seed, index), (u) =>
          Math.min(1 + Math.floor(u * length), length),
        );
    return counts.map((count, i) => ({
      masked: maskExactly(length, count, seed, index * size + i),
      weight: length / count,
      share: 1 / (batches * size),
    }));
  }).flat();
}

/** All sets of masks; those of one size share 1/L. */
function everySet(length: number): Copy[] {
  const sets = Array.from({ length: 2 ** length - 1 }, (_, set) =>
    Array.from({ length }, (__, place) => place).filter((place) => ((set + 1) >> place) & 1),
  );
  const sizes = Array.from({ length: length + 1 }, (_, count) => sets.filter((set) => set.length === count).length);
  return sets.map((masked) => ({
    masked,
    weight: length / masked.length,
    share: 1 / (length * (sizes[masked.length] as number)),
  }));
}

/** The mean over the copies from the cross-entropy of each, nats. */
export function combine(copies: readonly Copy[], crossEntropies: readonly number[]): Likelihood {
  const terms = copies.map(({ weight }, i) => weight * (crossEntropies[i] as number));
  const mean = copies.reduce((sum, { share }, i) => sum + share * (terms[i] as number), 0);
  const drawn = copies.length > 1 && copies.every(({ share }) => share === copies[0]?.share);
  const squares = terms.reduce((sum, term) => sum + (term - mean) ** 2, 0);
  return { value: -mean, error: drawn ? Math.sqrt(squares / (copies.length - 1) / copies.length) : 0 };
}

/**
 * The likelihood of each target. Pairs of one call share their draws, as answers to one question should. Throws what the
 * network throws, or the signal's reason between two questions.
 */
export async function logLikelihoods(
  network: Network,
  pairs: readonly Pair[],
  how: Likelihoods,
  signal?: AbortSignal,
): Promise<Likelihood[]> {
  const { causal, maskId } = network.info;
  if (causal) return ofCausal(network, pairs, how, signal);
  const mask = maskId as number;
  const parts = pairs.map((pair) =>
    partsOf(pair, how.block, network.info).map((part, b) => ({
      ...part,
      ...how,
      seed: (how.seed + Math.imul(b, 0x85ebca6b)) >>> 0,
    })),
  );
  const found = await ofParts(network, parts.flat(), mask, signal);
  let first = 0;
  return parts.map(({ length }) => {
    const own = found.slice(first, first + length);
    first += length;
    const value = own.reduce((sum, each) => sum + each.value, 0);
    return { value, error: Math.hypot(...own.map(({ error }) => error)) };
  });
}

type Part = Pair & Pick<Sequence, 'sees' | 'cache'>;

/** The blocks of a continuation, each after all that stands before it, and what they read. */
function partsOf({ prefix, target }: Pair, block: number | undefined, info: Pick<NetworkInfo, 'logitShift'>): Part[] {
  if (block === undefined) return [{ prefix, target }];
  return Array.from({ length: Math.ceil(target.length / block) }, (_, b) => {
    const before = [...prefix, ...target.slice(0, b * block)];
    const sees = { blocks: block, offset: prefix.length % block };
    // What stands before is read once, but for the block whose row answers for the first slot.
    const cached = boundary(sees, rowOf(before.length, info));
    return {
      prefix: before,
      target: target.slice(b * block, (b + 1) * block),
      sees,
      ...(cached > 0 && { cache: { kind: 'exact', prefix: cached } as const }),
    };
  });
}

async function ofParts(
  network: Network,
  pairs: readonly (Part & Likelihoods)[],
  mask: number,
  signal: AbortSignal | undefined,
): Promise<Likelihood[]> {
  const copies = pairs.map((pair) => copiesOf(pair.target.length, pair));
  const asked = pairs.flatMap(({ prefix, target, sees, cache }, at) =>
    (copies[at] as Copy[]).map(({ masked }) => ({
      sequence: {
        ids: Int32Array.from([...prefix, ...target.map((id, place) => (masked.includes(place) ? mask : id))]),
        asked: Int32Array.from(masked, (place) => prefix.length + place),
        ...(sees && { sees }),
        ...(cache && { cache }),
      },
      targets: Int32Array.from(masked, (place) => target[place] as number),
    })),
  );
  const suppress = pairs[0]?.exact ? [] : [mask];
  const scores = await scoreAll(network, asked, suppress, signal);
  const sums = scores.map((logProbs) => -logProbs.reduce((sum, each) => sum + each, 0));
  let first = 0;
  return copies.map((own) => {
    const likelihood = combine(own, sums.slice(first, first + own.length));
    first += own.length;
    return likelihood;
  });
}

async function ofCausal(
  network: Network,
  pairs: readonly Pair[],
  { exact }: Likelihoods,
  signal: AbortSignal | undefined,
): Promise<Likelihood[]> {
  const { maskId } = network.info;
  const asked = pairs.map(({ prefix, target }) => {
    // The first token of a text has no probability when nothing stands before it.
    const slots = target.map((_, place) => prefix.length + place).filter((slot) => slot > 0);
    const ids = [...prefix, ...target];
    return {
      sequence: { ids: Int32Array.from(ids), asked: Int32Array.from(slots) },
      targets: Int32Array.from(slots, (slot) => ids[slot] as number),
    };
  });
  const scores = await scoreAll(network, asked, exact || maskId === undefined ? [] : [maskId], signal);
  return scores.map((logProbs) => ({ value: logProbs.reduce((sum, each) => sum + each, 0), error: 0 }));
}

async function scoreAll(
  network: Network,
  asked: readonly { readonly sequence: Sequence; readonly targets: Int32Array }[],
  suppress: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
  const scores: Float32Array[] = [];
  for (let first = 0; first < asked.length; ) {
    signal?.throwIfAborted();
    let [end, tokens] = [first, 0];
    while (end < asked.length && (end === first || tokens < TOKENS_AT_ONCE)) {
      tokens += (asked[end] as (typeof asked)[number]).sequence.ids.length;
      end++;
    }
    const part = asked.slice(first, end);
    const answers = await network.score(
      part.map(({ sequence }) => sequence),
      part.map(({ targets }) => targets),
      { suppress },
    );
    scores.push(...answers);
    first = end;
  }
  return scores;
}

/**
 * Whether a model that always writes what it is surest of would write the target: of a masked network the most confident
 * slot first, one a pass (dLLM's _suffix_greedy_prediction), of each block in turn; of a causal one from left to right. A wrong token ends it.
 */
export async function isGreedy(
  network: Network,
  { prefix, target }: Pair,
  { exact, block }: Pick<Likelihoods, 'exact' | 'block'>,
  signal?: AbortSignal,
): Promise<boolean> {
  const { causal, maskId } = network.info;
  const suppress = exact || maskId === undefined ? [] : [maskId];
  const draw = { seed: 0, step: 0, temperature: 0 };
  if (causal) {
    const ids = Int32Array.from([...prefix, ...target]);
    const asked = Int32Array.from(target, (_, place) => prefix.length + place).filter((slot) => slot > 0);
    const answer = await predictOne(network, { ids, asked, draw }, { topK: 1, suppress });
    return answer.ids.every((id, row) => id === ids[asked[row] as number]);
  }
  for (const { prefix: before, target: own, ...read } of partsOf({ prefix, target }, block, network.info)) {
    const canvas = Int32Array.from([...before, ...own.map(() => maskId as number)]);
    const open = new Set(own.map((_, place) => before.length + place));
    while (open.size > 0) {
      signal?.throwIfAborted();
      const asked = Int32Array.from(open).sort();
      const sequence = { ids: canvas.slice(), asked, draw, ...read };
      const answer = await predictOne(network, sequence, { topK: 1, suppress });
      let best = 0;
      for (let row = 1; row < asked.length; row++) {
        if ((answer.logProbs[row] as number) > (answer.logProbs[best] as number)) best = row;
      }
      const slot = asked[best] as number;
      if (answer.ids[best] !== own[slot - before.length]) return false;
      canvas[slot] = answer.ids[best] as number;
      open.delete(slot);
    }
  }
  return true;
}
