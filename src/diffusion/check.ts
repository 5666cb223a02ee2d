/** The promises of `Denoiser.predict` about bad input, in one place for every denoiser. */
import type { Denoiser, PredictRequest } from './denoiser.ts';
import { UnmaskError } from './error.ts';

/** Throws `UnmaskError` code `canvas` (or `settings`) when the request cannot be asked of this denoiser. */
export function checkRequest(denoiser: Denoiser, request: PredictRequest): void {
  checkCanvas(denoiser, request.ids);
  const { slots, guidance, draw, topK, suppress = [] } = request;
  let last = -1;
  for (const slot of slots) {
    if (slot <= last || slot >= request.ids.length) {
      throw bad(`Slot ${slot} cannot be asked of a canvas of ${request.ids.length} tokens, after slot ${last}.`);
    }
    last = slot;
  }
  if (!Number.isInteger(topK) || topK < 0) throw unset(`${topK} alternatives cannot be asked for.`);
  if (!(draw.temperature >= 0 && draw.temperature < Number.POSITIVE_INFINITY)) {
    throw unset(`The temperature cannot be ${draw.temperature}.`);
  }
  if (suppress.some((id) => !(id >= 0 && id < denoiser.vocabSize))) {
    throw unset('A suppressed id lies outside the vocabulary.');
  }
  if (guidance === undefined) return;
  checkCanvas(denoiser, guidance.unconditional);
  if (guidance.unconditional.length !== request.ids.length) {
    throw bad(
      `Guidance needs two canvases of one length, not ${request.ids.length} and ${guidance.unconditional.length}.`,
    );
  }
}

function checkCanvas({ maxLength, vocabSize }: Denoiser, ids: Int32Array): void {
  if (ids.length === 0) throw bad('The canvas is empty.');
  if (ids.length > maxLength) {
    throw new UnmaskError({
      code: 'canvas',
      message: `The canvas has ${ids.length} tokens, but this model reads at most ${maxLength}.`,
      remedy: 'Shorten the prompt or ask for fewer tokens.',
    });
  }
  const stray = ids.find((id) => id < 0 || id >= vocabSize);
  if (stray !== undefined) throw bad(`The canvas holds token ${stray}, but the vocabulary has ${vocabSize} tokens.`);
}

function bad(message: string): UnmaskError {
  return new UnmaskError({ code: 'canvas', message, remedy: 'Start again from a prompt.' });
}

function unset(message: string): UnmaskError {
  return new UnmaskError({ code: 'settings', message, remedy: 'Reset the settings.' });
}
