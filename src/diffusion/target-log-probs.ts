/**
 * How likely the network finds given tokens: what likelihoods are made of. A list of alternatives ends at 64, so the
 * logits of the asked rows are read whole, 64 rows at a time, and normalised here in double precision.
 */
import { checkCanvas } from './check.ts';
import type { TargetRequest } from './denoiser.ts';
import { UnmaskError } from './error.ts';

/** A network that shows its logits, `[to − from, V]` of rows `[from, to)`; `from` is a multiple of 64. */
interface Readable {
  readonly vocabSize: number;
  readonly maxLength: number;
  logits(ids: Int32Array, from: number, to: number): Promise<Float32Array>;
}

const ROWS = 64;

/** log p(target | canvas) of each asked slot, nats, `[M]`. Throws `UnmaskError` code `canvas`. */
export async function targetLogProbs(model: Readable, request: TargetRequest): Promise<Float32Array> {
  // Copied now: the caller may go on writing to its canvas while the network runs.
  const { ids, slots, targets, suppress = [] } = structuredClone(request);
  const { vocabSize } = model;
  checkTargets(model, { ids, slots, targets });
  const found = new Float32Array(slots.length);
  for (let from = 0, m = 0; m < slots.length; from += ROWS) {
    const to = Math.min(from + ROWS, ids.length);
    if ((slots[m] as number) >= to) continue;
    const logits = await model.logits(ids, from, to);
    for (; m < slots.length && (slots[m] as number) < to; m++) {
      const row = ((slots[m] as number) - from) * vocabSize;
      found[m] = logProb(logits.subarray(row, row + vocabSize), targets[m] as number, suppress);
    }
  }
  return found;
}

/** log softmax(logits)[target] with the suppressed ids left out; −∞ for a suppressed target. */
export function logProb(logits: ArrayLike<number>, target: number, suppress: readonly number[] = []): number {
  if (suppress.includes(target)) return Number.NEGATIVE_INFINITY;
  const off = new Set(suppress);
  let most = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) {
    if ((logits[id] as number) > most && !off.has(id)) most = logits[id] as number;
  }
  let sum = 0;
  for (let id = 0; id < logits.length; id++) if (!off.has(id)) sum += Math.exp((logits[id] as number) - most);
  return (logits[target] as number) - most - Math.log(sum);
}

/** Throws `UnmaskError` code `canvas`. */
export function checkTargets(
  model: Pick<Readable, 'vocabSize' | 'maxLength'>,
  { ids, slots, targets }: Pick<TargetRequest, 'ids' | 'slots' | 'targets'>,
): void {
  checkCanvas(ids, model);
  const rising = slots.every((slot, m) => slot < ids.length && slot > (m === 0 ? -1 : (slots[m - 1] as number)));
  const known = targets.every((id) => id >= 0 && id < model.vocabSize);
  if (rising && known && targets.length === slots.length) return;
  throw new UnmaskError({
    code: 'canvas',
    message: rising ? 'A token to be scored is not in the vocabulary.' : 'Slots to be scored are not on the canvas.',
    remedy: 'Ask for slots of the canvas, each once, in ascending order, with one token each.',
  });
}
