/**
 * From the prompt of the settings to the canvas before the first step. The worker and the command line both start here,
 * so one link gives one canvas everywhere.
 */
import { type Canvas, fillCanvas } from '../diffusion/canvas.ts';
import { UnmaskError } from '../diffusion/error.ts';
import type { Settings } from '../diffusion/settings.ts';
import { chatPrompt } from './chat-template.ts';
import type { ChatTemplate, ModelConfig, Tokenizer } from './model.ts';

/**
 * The start canvas of a run. `continue` puts `length` masks after the prompt, `chat` does so after the model's chat template (dLLM's when it has none), and
 * `fill` takes the prompt as it is; masks typed into a prompt are open slots in every mode. No [CLS] or [SEP] is added
 * (facts §2.2). Throws `UnmaskError` code `canvas` when the canvas is empty, too long, or has nothing to fill in.
 */
export function canvasFor(
  settings: Pick<Settings, 'mode' | 'prompt' | 'length'>,
  tokenizer: Tokenizer,
  config: ModelConfig,
  chatTemplate?: ChatTemplate,
): Canvas {
  const { mode, length } = settings;
  const maskId = config.ids.mask;
  if (config.causal) {
    const message = 'This model writes from left to right, one token after the other; it cannot set slots of a canvas.';
    throw problem(message, 'Choose a masked model, such as stories.');
  }
  if (maskId === undefined) {
    throw problem('This model has no mask token, so it cannot write on a canvas.', 'Choose another model.');
  }
  const { prompt: text } = settings;
  const turn = { role: 'user', content: text } as const;
  const prompt = tokenizer.encode(mode === 'chat' ? chatPrompt([turn], chatTemplate) : text);
  const added = mode === 'fill' ? 0 : length;
  const room = config.maxLength - prompt.length;
  if (added > room) {
    const asked = `The prompt has ${prompt.length} tokens and ${added} more are asked for`;
    const message = `${asked}, but this model reads at most ${config.maxLength}.`;
    throw problem(
      message,
      room > 0 ? `Ask for at most ${room} new tokens, or shorten the prompt.` : 'Shorten the prompt.',
    );
  }
  if (mode === 'fill') checkFill(prompt, maskId, config);
  return fillCanvas([...prompt, ...Array<number>(added).fill(maskId)], maskId);
}

function checkFill(prompt: readonly number[], maskId: number, config: ModelConfig): void {
  if (!prompt.includes(maskId)) {
    throw problem('There is nothing to fill in: the text has no [MASK].', 'Write [MASK] where a token is missing.');
  }
  if (prompt.length > config.maxLength) {
    const message = `The text has ${prompt.length} tokens, but this model reads at most ${config.maxLength}.`;
    throw problem(message, 'Shorten the text.');
  }
}

function problem(message: string, remedy: string): UnmaskError {
  return new UnmaskError({ code: 'canvas', message, remedy });
}
