/** Questions that cannot be answered, in words. */
import type { PredictRequest } from '../diffusion/denoiser.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { MAX_TOP } from './kernels/decode.ts';

export interface Bounds {
  readonly vocabSize: number;
  readonly maxLength: number;
}

/** Throws `UnmaskError` code `canvas`. */
export function checkCanvas(ids: Int32Array, { vocabSize, maxLength }: Bounds): void {
  if (ids.length === 0) throw canvasError('The canvas is empty.', 'Write a prompt or ask for at least one token.');
  if (ids.length > maxLength) {
    const message = `The canvas has ${ids.length} tokens; this model reads at most ${maxLength}.`;
    throw canvasError(message, 'Shorten the prompt or the answer.');
  }
  const at = ids.findIndex((id) => id < 0 || id >= vocabSize);
  if (at >= 0) {
    const message = `Slot ${at} holds token id ${ids[at]}, outside this model's vocabulary of ${vocabSize}.`;
    throw canvasError(message, 'Use the tokenizer that belongs to this model.');
  }
}

/** Throws `UnmaskError` code `canvas` or `settings`. */
export function checkRequest(request: PredictRequest, bounds: Bounds): void {
  const { ids, slots, draw, topK, suppress = [], guidance } = request;
  checkCanvas(ids, bounds);
  if (guidance) {
    checkCanvas(guidance.unconditional, bounds);
    if (guidance.unconditional.length !== ids.length) {
      throw canvasError(
        'The unconditional canvas must be as long as the canvas.',
        'Mask its given slots, keep the rest.',
      );
    }
  }
  slots.forEach((slot, i) => {
    if (slot < 0 || slot >= ids.length) {
      throw canvasError(`Slot ${slot} lies outside a canvas of ${ids.length} tokens.`, 'Ask for slots of the canvas.');
    }
    if (i > 0 && slot <= (slots[i - 1] as number)) {
      throw canvasError('The asked slots must ascend.', 'Sort them and remove repeats.');
    }
  });
  if (!Number.isInteger(topK) || topK < 0 || topK > MAX_TOP) {
    throw settingsError(`${topK} alternatives were asked for.`, `Ask for 0 to ${MAX_TOP}.`);
  }
  if (!(draw.temperature >= 0 && draw.temperature < Infinity)) {
    throw settingsError(`The temperature is ${draw.temperature}.`, 'Choose 0 or a positive number.');
  }
  if (suppress.some((id) => !Number.isInteger(id) || id < 0 || id >= bounds.vocabSize)) {
    throw settingsError('A suppressed id is outside the vocabulary.', 'Suppress ids of this model only.');
  }
}

function canvasError(message: string, remedy: string): UnmaskError {
  return new UnmaskError({ code: 'canvas', message, remedy });
}

function settingsError(message: string, remedy: string): UnmaskError {
  return new UnmaskError({ code: 'settings', message, remedy });
}
