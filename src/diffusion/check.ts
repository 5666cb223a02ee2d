/** The promises of `Denoiser.predict` about bad input, in one place for every denoiser. */
import { said, type Text } from '../text/said.ts';
import { type Denoiser, MOST_ALTERNATIVES, type PredictRequest, type Reuse } from './denoiser.ts';
import { UnmaskError } from './error.ts';

type Bounds = Pick<Denoiser, 'vocabSize' | 'maxLength'>;

/** Throws `UnmaskError` code `canvas` when the model cannot read these ids. */
export function checkCanvas(ids: Int32Array, { vocabSize, maxLength }: Bounds): void {
  if (ids.length === 0) throw canvasError('The canvas is empty.', 'Write a prompt or ask for at least one token.');
  if (ids.length > maxLength) {
    const message = said`The canvas has ${ids.length} tokens, but this model reads at most ${maxLength}.`;
    throw canvasError(message, 'Shorten the prompt or ask for fewer tokens.');
  }
  const at = ids.findIndex((id) => id < 0 || id >= vocabSize);
  if (at >= 0) {
    const message = said`Slot ${at} holds token id ${ids[at]}, outside this model's vocabulary of ${vocabSize}.`;
    throw canvasError(message, 'Use the tokenizer that belongs to this model.');
  }
}

/** Throws `UnmaskError` code `canvas` (or `settings`) when the request cannot be asked of this denoiser. */
export function checkRequest(request: PredictRequest, bounds: Bounds): void {
  const { ids, slots, guidance, draw, topK, suppress = [], reuse } = request;
  checkCanvas(ids, bounds);
  let last = -1;
  for (const slot of slots) {
    if (slot <= last || slot >= ids.length) {
      const message = said`Slot ${slot} cannot be asked of a canvas of ${ids.length} tokens, after slot ${last}.`;
      throw canvasError(message, 'Ask for slots of the canvas, each once, in ascending order.');
    }
    last = slot;
  }
  if (!Number.isInteger(topK) || topK < 0 || topK > MOST_ALTERNATIVES) {
    throw settingsError(said`${topK} alternatives were asked for.`, said`Ask for 0 to ${MOST_ALTERNATIVES}.`);
  }
  if (!(draw.temperature >= 0 && draw.temperature < Number.POSITIVE_INFINITY)) {
    throw settingsError(said`The temperature is ${draw.temperature}.`, 'Choose 0 or a positive number.');
  }
  if (suppress.some((id) => !(Number.isInteger(id) && id >= 0 && id < bounds.vocabSize))) {
    throw settingsError('A suppressed id is outside the vocabulary.', 'Suppress ids of this model only.');
  }
  if (reuse !== undefined) checkReuse(request, reuse, bounds);
  if (guidance === undefined) return;
  checkCanvas(guidance.unconditional, bounds);
  const other = guidance.unconditional.length;
  if (other !== ids.length) {
    const message = said`Guidance needs two canvases of one length, not ${ids.length} and ${other}.`;
    throw canvasError(message, 'Mask the given slots of the canvas, and keep the rest.');
  }
}

/** Slots that are asked must be among the rows that go through the network. */
function checkReuse({ ids, slots, guidance }: PredictRequest, { anchor, from, to }: Reuse, bounds: Bounds): void {
  if (guidance !== undefined) {
    const message = 'A cache cannot be used with guidance, whose second canvas would need one of its own.';
    throw settingsError(message, 'Turn off the cache or the guidance.');
  }
  checkCanvas(anchor, bounds);
  if (anchor.length !== ids.length) {
    const message = said`The cache is of a canvas of ${anchor.length} tokens, not ${ids.length}.`;
    throw canvasError(message, 'Reuse a pass over a canvas of the same length.');
  }
  const inside = slots.every((slot) => slot >= from && slot < to);
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= ids.length && inside)) {
    const message = said`Rows ${from} to ${to} of ${ids.length} do not hold the asked slots.`;
    throw canvasError(message, 'Ask for slots of the rows that are run anew.');
  }
}

function canvasError(message: Text, remedy: string): UnmaskError {
  return new UnmaskError({ code: 'canvas', message, remedy });
}

function settingsError(message: Text, remedy: Text): UnmaskError {
  return new UnmaskError({ code: 'settings', message, remedy });
}
