/**
 * The other way to write: a causal network that reads a text and names the token after it, over and over. The answer is
 * a function of the text alone; an implementation keeps the keys and values of the text it read last, so that a text
 * that goes on from there costs only its new tokens.
 */
import type { Draw, Prediction } from './denoiser.ts';

export interface NextRequest {
  /** The text so far, `[T]` token ids, at least one. */
  readonly ids: Int32Array;
  readonly draw: Draw;
  /** How many alternatives to return, at most `MOST_ALTERNATIVES`. */
  readonly topK: number;
  /** Ids that can never be drawn or listed. */
  readonly suppress?: readonly number[];
}

export interface Autoregressor {
  readonly vocabSize: number;
  /** Longest text, in tokens. */
  readonly maxLength: number;
  /** The token after `ids`: a Prediction of one row, whose slot is T. Throws `UnmaskError` code `canvas`. */
  next(request: NextRequest): Promise<Prediction>;
  /** log p(id at t | the ids before it), nats, `[T − 1]` for t = 1 … T − 1. Throws `UnmaskError` code `canvas`. */
  score(ids: Int32Array): Promise<Float32Array>;
}
