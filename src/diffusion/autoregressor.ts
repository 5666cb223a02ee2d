/**
 * The other way to write: a causal network that reads a text and names the token after it, over and over. The answer is
 * a function of the text alone; an implementation keeps the keys and values of the text it read last, so that a text
 * that goes on from there costs only its new tokens.
 */
import { checkRequest } from './check.ts';
import type { Draw, Prediction, PredictRequest } from './denoiser.ts';

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

/** The question about slot T that `next` asks, checked like any other. Throws `UnmaskError` code `canvas` or `settings`. */
export function checkNext(
  { ids, draw, topK, suppress }: NextRequest,
  bounds: Pick<Autoregressor, 'vocabSize' | 'maxLength'>,
): PredictRequest {
  const last = Int32Array.of(Math.max(0, ids.length - 1));
  const asked = { ids, slots: last, draw, topK, ...(suppress === undefined ? {} : { suppress }) };
  checkRequest(asked, bounds);
  return { ...asked, slots: Int32Array.of(ids.length) };
}

/** How many ids two texts have in common from their beginning. */
export function commonPrefix(a: Int32Array, b: Int32Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
