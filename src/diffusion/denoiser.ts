/**
 * The one question the program asks a network: given this canvas, what stands in these slots?
 * The WebGPU engine, the tfjs fallback and the tables used in tests all answer it.
 */

/** What is needed to draw the Gumbel noise of one step: the same seed and step give the same noise on every machine. */
export interface Draw {
  /** Run seed, unsigned 32 bits. */
  readonly seed: number;
  /** Step counter of the run, from 0. */
  readonly step: number;
  /** 0 = greedy (arg-max). Otherwise the id that maximises `logit + temperature · gumbel` is drawn. */
  readonly temperature: number;
}

/** Longest list of alternatives: what the decoder can sort and a top-p nucleus is taken from. */
export const MOST_ALTERNATIVES = 64;

export interface PredictRequest {
  /** The canvas, `[T]` token ids. */
  readonly ids: Int32Array;
  /** Asked positions, `[M]`, ascending. */
  readonly slots: Int32Array;
  readonly draw: Draw;
  /** How many alternatives to return per slot (K), at most `MOST_ALTERNATIVES`. */
  readonly topK: number;
  /** Ids that can never be drawn or listed: their logit is −∞ before everything else. */
  readonly suppress?: readonly number[];
  /**
   * Classifier-free guidance (LLaDA, arXiv 2502.09992): a second forward of `unconditional` (the canvas with its given
   * slots masked); logits become `U + (scale + 1)(C − U)`.
   */
  readonly guidance?: { readonly unconditional: Int32Array; readonly scale: number };
  readonly reuse?: Reuse;
  /** Run the network even for a canvas that was asked before: what is timed or counted must not come from memory. */
  readonly fresh?: boolean;
}

/**
 * Approximate key-value caching (Fast-dLLM, arXiv 2505.22618): only rows `[from, to)` of the canvas go through the
 * network; every other position keeps the keys and values it had in a full pass over `anchor`. The answer is a function
 * of the request alone: a denoiser that does not remember the anchor runs it first. Asked slots lie in `[from, to)`.
 * A canvas that is its own anchor goes through whole, and leaves its keys and values for the requests that follow. Not
 * with guidance, whose second canvas would need an anchor of its own.
 */
export interface Reuse {
  /** The canvas of the full pass, `[T]` token ids. */
  readonly anchor: Int32Array;
  readonly from: number;
  readonly to: number;
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

/** A Prediction of these slots with every number still 0, for a denoiser to fill. */
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

export interface TargetRequest {
  /** The canvas, `[T]` token ids. */
  readonly ids: Int32Array;
  /** Asked positions, `[M]`, ascending. */
  readonly slots: Int32Array;
  /** The id whose log-probability is wanted at each of them, `[M]`. */
  readonly targets: Int32Array;
  /** Ids that cannot occur: MDLM's SUBS parameterisation takes [MASK] out of the softmax. */
  readonly suppress?: readonly number[];
}

export interface Denoiser {
  readonly vocabSize: number;
  readonly maskId: number;
  /** Tokens that end a text or pad it, for the setting `ends`; none when absent. */
  readonly endIds?: readonly number[];
  /** Longest canvas, in tokens. */
  readonly maxLength: number;
  /** Throws `UnmaskError` code `canvas` when the canvas is empty, too long or holds ids outside the vocabulary. */
  predict(request: PredictRequest): Promise<Prediction>;
  /** log p of given ids, for likelihoods; every real denoiser has it, a table in a test need not. */
  targetLogProbs?(request: TargetRequest): Promise<Float32Array>;
}
