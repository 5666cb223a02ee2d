/** What the loaded model would put into the masks of a corrupted sentence, in one step and greedily. */
import { fillCanvas } from '../../../diffusion/canvas.ts';
import { defaultSettings } from '../../../diffusion/settings.ts';
import { compute, loadModel } from '../../session/compute.ts';
import type { Guess } from './Words.tsx';

/** By slot. Throws `UnmaskError`. */
export async function guessMasks(
  ids: Int32Array,
  maskId: number | undefined,
  signal: AbortSignal,
): Promise<Map<number, Guess>> {
  const guesses = new Map<number, Guess>();
  await loadModel();
  const settings = {
    ...defaultSettings(),
    mode: 'fill',
    sampler: 'confidence',
    length: ids.length,
    steps: 1,
    block: 0,
    temperature: 0,
  } as const;
  const from = { canvas: fillCanvas(ids, maskId), cursor: { step: 0, block: 0, grid: 0 } };
  // A step names only pieces that the start did not.
  let pieces: Readonly<Record<number, string>> = {};
  for await (const event of (await compute()).generate({ settings, from }, signal)) {
    pieces = { ...pieces, ...event.pieces };
    if (event.kind !== 'step') continue;
    const { slots, ids: guessed, logProbs } = event.step.prediction;
    slots.forEach((slot, row) => {
      const piece = pieces[guessed[row] as number] ?? '';
      guesses.set(slot, { piece, probability: Math.exp(logProbs[row] as number) });
    });
    break;
  }
  return guesses;
}
