/** How long one forward pass takes here: what the choice between two kinds of arithmetic rests on. */
import { type Network, type Prediction, predictOne } from '../diffusion/network.ts';

export interface Timing {
  /** Of `timePredict`: of the faster of two forwards, after one that warms up (compiles shaders, packs weights). */
  readonly milliseconds: number;
  /** The last answer, greedy, so that two backends of one model can be compared. */
  readonly prediction: Prediction;
}

/** Asks what every row of the network answers over an almost empty canvas of at most `length` tokens, three times, each canvas a new one. */
export async function timePredict(network: Network, length = 72): Promise<Timing> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; ; round++) {
    const { milliseconds, prediction } = await timed(network, length, round);
    if (round > 0) fastest = Math.min(fastest, milliseconds);
    if (round === 2) return { milliseconds: fastest, prediction };
  }
}

/** Milliseconds of a first pass that tell enough by themselves, although it may compile. */
const SLOW = 3000;

/** Milliseconds of one pass: of the faster of two, unless the first was so slow that nobody should wait for another. */
export async function timePass(network: Network, length = 72): Promise<number> {
  const { milliseconds } = await timed(network, length, 0);
  return milliseconds > SLOW ? milliseconds : Math.min(milliseconds, (await timed(network, length, 1)).milliseconds);
}

/**
 * Milliseconds of a pass in the mean of those that fit into `during` milliseconds, at least one. Where other programs want the
 * processor, a single pass may slip between their turns, and a longer work cannot.
 */
export async function meanPass(network: Network, during = 1500, length = 72): Promise<number> {
  const begun = performance.now();
  let passes = 0;
  let spent = 0;
  while (passes === 0 || spent < during) {
    await timed(network, length, passes++);
    spent = performance.now() - begun;
  }
  return spent / passes;
}

/** One pass. The first token differs from round to round, so that nothing is answered from memory. */
async function timed(network: Network, length: number, round: number): Promise<Timing> {
  const { maxLength, maskId = 0, vocabSize, logitShift } = network.info;
  const size = Math.min(length, maxLength);
  const ids = new Int32Array(size).fill(maskId);
  ids[0] = round % vocabSize;
  // What every row of the network answers.
  const asked = Int32Array.from(ids.keys(), (row) => row + logitShift);
  const draw = { seed: 0, step: 0, temperature: 0 };
  const before = performance.now();
  const prediction = await predictOne(network, { ids, asked, draw }, { topK: 1, fresh: true });
  return { milliseconds: performance.now() - before, prediction };
}
