/** How long one forward pass takes here: what the choice between two kinds of arithmetic rests on. */
import type { Denoiser, Prediction } from '../diffusion/denoiser.ts';

export interface Timing {
  /** Of `timePredict`: of the faster of two forwards, after one that warms up (compiles shaders, packs weights). */
  readonly milliseconds: number;
  /** The last answer, greedy, so that two denoisers of one model can be compared. */
  readonly prediction: Prediction;
}

/** Asks for every slot of an almost empty canvas of at most `length` tokens, three times, each canvas a new one. */
export async function timePredict(denoiser: Denoiser, length = 72): Promise<Timing> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; ; round++) {
    const { milliseconds, prediction } = await timed(denoiser, length, round);
    if (round > 0) fastest = Math.min(fastest, milliseconds);
    if (round === 2) return { milliseconds: fastest, prediction };
  }
}

/** Milliseconds of one pass; of the second one, unless the first, which may compile, was slow enough to tell by itself. */
export async function timePass(denoiser: Denoiser, length = 72): Promise<number> {
  const first = await timed(denoiser, length, 0);
  return first.milliseconds > 1000 ? first.milliseconds : (await timed(denoiser, length, 1)).milliseconds;
}

/** One pass. The first token differs from round to round, so that nothing is answered from memory. */
async function timed(denoiser: Denoiser, length: number, round: number): Promise<Timing> {
  const size = Math.min(length, denoiser.maxLength);
  const slots = Int32Array.from({ length: size }, (_, slot) => slot);
  const ids = new Int32Array(size).fill(Math.max(0, denoiser.maskId));
  ids[0] = round % denoiser.vocabSize;
  const before = performance.now();
  const prediction = await denoiser.predict({ ids, slots, topK: 1, draw: { seed: 0, step: 0, temperature: 0 } });
  return { milliseconds: performance.now() - before, prediction };
}
