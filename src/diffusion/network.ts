/**
 * The one question that the program asks a network: given these canvases, what stands in these slots? The WebGPU engine,
 * the tfjs fallback, a network in training and the tables used in tests all answer it, and nothing else is asked of them.
 */

/** Longest list of alternatives: what the decoder can sort and a top-p nucleus is taken from. */
export const MOST_ALTERNATIVES = 64;

export interface NetworkInfo {
  readonly vocabSize: number;
  /** Longest canvas, in tokens. */
  readonly maxLength: number;
  /** undefined in networks that have no mask token. */
  readonly maskId: number | undefined;
  /** Tokens that end a text or pad it. */
  readonly endIds: readonly number[];
  /** No slot's answer depends on what stands after it; such networks write from left to right. */
  readonly causal: boolean;
  /** 1: slot s is answered by row s − 1 of the network, so that slot T, the token after the text, can be asked too. */
  readonly logitShift: 0 | 1;
  /** It says which tokens to exchange, to remove and to insert (`edits`). */
  readonly edits?: boolean;
  /** Tokens may be told positions of their own. */
  readonly tellsPositions?: boolean;
}

/** What is needed to draw the Gumbel noise of one step: the same seed and step give the same noise on every machine. */
export interface Draw {
  /** Run seed, unsigned 32 bits. */
  readonly seed: number;
  /** Step counter of the run, from 0. */
  readonly step: number;
  /** 0 = greedy (arg-max). Otherwise the id that maximises `logit + temperature · gumbel` is drawn. */
  readonly temperature: number;
}

/** One canvas of a batch. Those of a batch may differ in length and in everything else. */
export interface Sequence {
  /** The canvas, `[T]` token ids. */
  readonly ids: Int32Array;
  /** Position of each token, `[T]`; 0 … T − 1 unless told. */
  readonly positions?: Int32Array;
  /**
   * Asked slots, `[M]`, ascending; of networks with a logit shift from 1 to T (slot 0 has no row of its own: Dream answers
   * it with row 0, and so do we), of others from 0 to T − 1.
   */
  readonly asked: Int32Array;
  /** Reads by blocks, whatever the network's layers see otherwise; not for causal networks. */
  readonly sees?: BlockPattern;
  readonly cache?: CacheUse;
}

/**
 * Every token sees its own block and all before it (BD3-LM, arXiv 2503.09573): blocks of so many positions, and before them
 * one of `offset`, if that is not 0.
 */
export interface BlockPattern {
  readonly blocks: number;
  /** Below `blocks`. */
  readonly offset: number;
}

/** The last place at or before `position` where a block begins; 0 is one. */
export function boundary({ blocks, offset }: BlockPattern, position: number): number {
  return position < offset ? 0 : position - ((position - offset) % blocks);
}

/** A sequence with what `predict` draws with. */
export interface DrawnSequence extends Sequence {
  readonly draw: Draw;
  /**
   * Classifier-free guidance (LLaDA, arXiv 2502.09992): a second forward of `unconditional` (the canvas with its given
   * slots masked); logits become `U + (scale + 1)(C − U)`. Not with a cache.
   */
  readonly guidance?: { readonly unconditional: Int32Array; readonly scale: number };
}

/**
 * Which keys and values may come from an earlier pass. The answer is a function of the request alone, whatever the cache
 * holds: what is missing is computed first.
 * exact: the first `prefix` positions see nothing after them, so their keys and values are those of the prefix alone: in
 * causal networks any prefix, in a text that is read by blocks one that ends with a block. A text that goes on from there
 * costs its new tokens, one at least.
 * anchored: approximate caching (Fast-dLLM, arXiv 2505.22618): only rows `[from, to)` go through the network, and every
 * other position keeps the keys and values it had in a full pass over `anchor`, `[T]`. The rows of the asked slots lie in
 * `[from, to)`. A canvas that is its own anchor goes through whole.
 */
export type CacheUse =
  | { readonly kind: 'exact'; readonly prefix: number }
  | { readonly kind: 'anchored'; readonly anchor: Int32Array; readonly from: number; readonly to: number };

export interface PredictOptions {
  /** How many alternatives to return per slot (K), at most `MOST_ALTERNATIVES`. */
  readonly topK: number;
  /** Ids that can never be drawn or listed: their logit is −∞ before everything else. */
  readonly suppress?: readonly number[];
  /** Run the network even for a canvas that was asked before: what is timed or counted must not come from memory. */
  readonly fresh?: boolean;
}

/** The answer for M asked slots. Probabilities are of the noise-free softmax at temperature 1, in nats. */
export interface Prediction {
  /** Asked positions, `[M]`. */
  readonly slots: Int32Array;
  /** The id drawn at the asked temperature, `[M]`. */
  readonly ids: Int32Array;
  /** log p(drawn id), `[M]`. */
  readonly logProbs: Float32Array;
  /** Entropy of the slot's distribution, nats, `[M]`. */
  readonly entropy: Float32Array;
  /** log Σ exp(logits), `[M]`. */
  readonly logSumExp: Float32Array;
  /** Alternatives per slot. */
  readonly topK: number;
  /** Likeliest ids, best first, `[M, K]` row-major; ties go to the smaller id. */
  readonly topIds: Int32Array;
  /** Their log-probabilities, `[M, K]`. */
  readonly topLogProbs: Float32Array;
  /** Forward passes this answer took, whole or partial: 0 when the same was asked before. */
  readonly forwards: number;
  /** Positions that went through the network in them; a whole pass over a canvas of T slots counts T. */
  readonly rows: number;
}

/** A Prediction of these slots with every number still 0, for a network to fill. */
export function blankPrediction(
  slots: Int32Array,
  topK: number,
  { forwards, rows }: Pick<Prediction, 'forwards' | 'rows'>,
): Prediction {
  const count = slots.length;
  return {
    slots: slots.slice(),
    ids: new Int32Array(count),
    logProbs: new Float32Array(count),
    entropy: new Float32Array(count),
    logSumExp: new Float32Array(count),
    topK,
    topIds: new Int32Array(count * topK),
    topLogProbs: new Float32Array(count * topK),
    forwards,
    rows,
  };
}

/**
 * What an Edit Flows network (arXiv 2506.09018) says of M asked slots: how often each edit happens there, and with which
 * token.
 */
export interface EditRates {
  /**
   * Expected edits per unit of the flow's time, ≥ 0, without the factor κ′/(1 − κ) of the schedule: another token in the
   * slot, no slot, a new one right behind it. `[M]` each.
   */
  readonly rates: {
    readonly set: Float32Array;
    readonly remove: Float32Array;
    readonly insert: Float32Array;
  };
  /** Of the token that is set. Its `slots`, `forwards` and `rows` are those of the answer. */
  readonly set: Prediction;
  /** Of the token that is inserted behind the slot, with noise of its own. */
  readonly insert: Prediction;
}

/** The answer where nothing was asked. */
export const NOTHING_ASKED: Prediction = blankPrediction(new Int32Array(0), 0, { forwards: 0, rows: 0 });

export interface Network {
  readonly info: NetworkInfo;
  /**
   * The prediction of each sequence, in order; where the network can, in one submission. Throws `UnmaskError` code
   * `canvas` when a canvas is empty, too long or holds ids outside the vocabulary, `settings` for settings.
   */
  predict(batch: readonly DrawnSequence[], options: PredictOptions): Promise<readonly Prediction[]>;
  /**
   * log p(target) of each sequence's asked slots, nats, `[M]` each; `targets` has an id for each of them. Throws as
   * `predict` does.
   */
  score(
    batch: readonly Sequence[],
    targets: readonly Int32Array[],
    options?: Pick<PredictOptions, 'suppress'>,
  ): Promise<readonly Float32Array[]>;
  /**
   * The edits of each sequence, in order; only of networks that were made to edit (`info.edits`), whose `predict` says what
   * would be substituted. Drawn as `predict` draws, insertions with noise of their own; without guidance or a cache.
   * Throws as `predict` does.
   */
  edits?(batch: readonly DrawnSequence[], options: PredictOptions): Promise<readonly EditRates[]>;
}

/** A question about one canvas: what a batch is made of. */
export interface Question {
  readonly sequence: DrawnSequence;
  readonly options: PredictOptions;
}

/** The answers to questions in order; those of equal options are asked as one batch. Throws as `predict` does. */
export async function askAll<Answer>(
  questions: readonly Question[],
  ask: (batch: readonly DrawnSequence[], options: PredictOptions) => Promise<readonly Answer[]>,
): Promise<Answer[]> {
  const groups = new Map<string, number[]>();
  questions.forEach(({ options }, at) => {
    const key = JSON.stringify(options);
    groups.set(key, [...(groups.get(key) ?? []), at]);
  });
  const answers: Answer[] = [];
  for (const places of groups.values()) {
    const asked = places.map((at) => questions[at] as Question);
    const batch = asked.map(({ sequence }) => sequence);
    const found = await ask(batch, (asked[0] as Question).options);
    places.forEach((at, i) => {
      answers[at] = found[i] as Answer;
    });
  }
  return answers;
}

/** The answer about one canvas. Throws as `predict` does. */
export async function predictOne(
  network: Pick<Network, 'predict'>,
  sequence: DrawnSequence,
  options: PredictOptions,
): Promise<Prediction> {
  const [prediction] = await network.predict([sequence], options);
  return prediction as Prediction;
}

/** The network's row that answers a slot. */
export function rowOf(slot: number, { logitShift }: Pick<NetworkInfo, 'logitShift'>): number {
  return Math.max(0, slot - logitShift);
}

/**
 * How many tokens of a canvas an answer depends on: all, or of a causal network those up to the last asked row. The rest
 * need not go through it.
 */
export function tokensRead({ ids, asked }: Pick<Sequence, 'ids' | 'asked'>, info: NetworkInfo): number {
  const last = asked.at(-1);
  return info.causal && last !== undefined ? rowOf(last, info) + 1 : ids.length;
}
