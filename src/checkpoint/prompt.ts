/**
 * From the prompt of the settings to the canvas before the first step. The worker and the command line both start here,
 * so one link gives one canvas everywhere.
 */

import { type Canvas, continueCanvas, Slot } from '../diffusion/canvas.ts';
import { parseTurns } from '../diffusion/conversation.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { newTokens, type Settings } from '../diffusion/settings.ts';
import { type Arch, isCausal } from '../model/arch.ts';
import { said, type Text } from '../text/said.ts';
import { chatPrompt } from './chat-template.ts';
import type { ChatTemplate, Message, Tokenizer } from './model.ts';

/** What the canvas is made of. */
export type Asked = Pick<Settings, 'mode' | 'prompt'> &
  Partial<Pick<Settings, 'system' | 'turns' | 'process' | 'editsFrom'>>;

/**
 * The start canvas of a run. `continue` puts `length` masks after the prompt, `chat` does so after the whole conversation
 * as the model's chat template writes it (no masks where edits are to begin from nothing), and `fill` takes the prompt as it is; masks typed into a prompt are open slots
 * in these modes, but not in a chat. No [CLS] or [SEP] is added,
 * as dLLM adds none; a causal model's text begins as it has learnt (`openingOf`). Throws `UnmaskError` code `canvas` when the canvas is empty, too long, has nothing to fill in, or is to
 * be a chat with a model that has no template.
 */
export function canvasFor(
  settings: Asked & Pick<Settings, 'length'>,
  tokenizer: Tokenizer,
  arch: Arch,
  chatTemplate?: ChatTemplate,
): Canvas {
  const { mode, length, process } = settings;
  const maskId = arch.ids.mask;
  const causal = isCausal(arch);
  if (maskId === undefined && !causal && mode !== 'edit') {
    throw problem('This model has no mask token, so it cannot write on a canvas.', 'Choose another model.');
  }
  if (causal && mode === 'fill') throw cannotFill('Choose the mode continue, or a masked model.');
  const written = promptIds(settings, tokenizer, chatTemplate, maskId);
  if (causal && mode !== 'edit' && maskId !== undefined && written.includes(maskId)) {
    throw cannotFill(said`Write the text without ${tokenizer.piece(maskId)}, or choose a masked model.`);
  }
  const edited = mode === 'edit' || (process === 'edits' && !causal);
  const prompt = edited
    ? [startId(arch), ...written]
    : causal && mode === 'continue'
      ? [...openingOf({ tokenizer, arch }, written), ...written]
      : written;
  if (causal && prompt.length === 0) {
    throw problem('There is nothing to go on from: this model has no token that begins a text.', 'Write a prompt.');
  }
  const added = newTokens(causal ? { mode, length } : settings);
  const room = arch.maxLength - prompt.length;
  if (added > room) {
    const most = arch.maxLength;
    if (mode === 'chat') {
      throw problem(
        said`The conversation has ${prompt.length} tokens and ${added} more are asked for, but this model reads at most ${most}.`,
        room > 0 ? said`Ask for at most ${room} new tokens, or drop the oldest turns.` : 'Drop the oldest turns.',
      );
    }
    throw problem(
      said`The prompt has ${prompt.length} tokens and ${added} more are asked for, but this model reads at most ${most}.`,
      room > 0 ? said`Ask for at most ${room} new tokens, or shorten the prompt.` : 'Shorten the prompt.',
    );
  }
  if (mode === 'fill' && maskId !== undefined) checkFill(prompt, maskId, arch, tokenizer.piece(maskId));
  const canvas = continueCanvas(prompt, added, maskId);
  // The reader's text may be changed, all but the token that begins it.
  if (mode === 'edit')
    for (let slot = 1; slot < prompt.length; slot++)
      if (canvas.states[slot] === Slot.Given) canvas.states[slot] = Slot.Revealed;
  return canvas;
}

/** The token that begins every text for a network that edits: something must stand before whatever is inserted first. */
export function startId({ ids: { bos, cls } }: Pick<Arch, 'ids'>): number {
  return bos ?? cls ?? 0;
}

/**
 * What stands before a text that a causal model goes on from: [CLS], where its family has one; else what its tokenizer puts
 * there; and where that is nothing and the text is empty, the token that begins or ends a text.
 */
export function openingOf(
  { tokenizer, arch: { ids } }: { readonly tokenizer: Tokenizer; readonly arch: Pick<Arch, 'ids'> },
  text: readonly number[],
): readonly number[] {
  const before = ids.cls === undefined ? (tokenizer.opening ?? []) : [ids.cls];
  if (before.length > 0 || text.length > 0) return before;
  const first = ids.bos ?? ids.eos;
  return first === undefined ? [] : [first];
}

/** The conversation as messages: the system text if there is one, the turns so far, and the question. */
export function messagesOf({ prompt, system = '', turns = '' }: Asked): Message[] {
  const earlier = parseTurns(turns).flatMap(({ question, answer }): Message[] => [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ]);
  const first: Message[] = system.trim() === '' ? [] : [{ role: 'system', content: system }];
  return [...first, ...earlier, { role: 'user', content: prompt }];
}

/**
 * What stands before the masks, as token ids; in mode `fill` masks and all. What somebody says of [MASK] in a chat stays
 * words. Throws as `canvasFor` does.
 */
export function promptIds(asked: Asked, tokenizer: Tokenizer, chatTemplate?: ChatTemplate, maskId?: number): number[] {
  if (asked.mode !== 'chat') return tokenizer.encode(asked.prompt);
  if (chatTemplate) return plainIds(chatPrompt(messagesOf(asked), chatTemplate), tokenizer, maskId);
  const message = 'This model has no chat template, so it cannot hold a conversation.';
  throw problem(message, 'Choose the mode continue, or a chat model.');
}

/** A text without open slots: a mask in it is spelled out, as any other word is. */
function plainIds(text: string, tokenizer: Tokenizer, maskId: number | undefined): number[] {
  const ids = tokenizer.encode(text, { maskAsText: true });
  if (maskId === undefined || !ids.includes(maskId)) return ids;
  const mask = tokenizer.piece(maskId).trim();
  const spelled = [mask.slice(0, 1), mask.slice(1)].flatMap((part) => tokenizer.encode(part));
  const parts = text.split(mask).map((part) => (part === '' ? [] : tokenizer.encode(part)));
  const plain = parts.flatMap((part, i) => (i === 0 ? part : [...spelled, ...part]));
  if (!plain.includes(maskId)) return plain;
  throw problem('The conversation holds masks, which a chat does not fill in.', said`Write it without ${mask}.`);
}

function checkFill(prompt: readonly number[], maskId: number, arch: Arch, mask: string): void {
  if (!prompt.includes(maskId)) {
    throw problem(
      said`There is nothing to fill in: the text has no ${mask}.`,
      said`Write ${mask} where a token is missing.`,
    );
  }
  if (prompt.length > arch.maxLength) {
    const message = said`The text has ${prompt.length} tokens, but this model reads at most ${arch.maxLength}.`;
    throw problem(message, 'Shorten the text.');
  }
}

function cannotFill(remedy: Text): UnmaskError {
  return problem(
    'This model writes from left to right and never sees what stands after a gap, so it cannot fill one in.',
    remedy,
  );
}

function problem(message: Text, remedy: Text): UnmaskError {
  return new UnmaskError({ code: 'canvas', message, remedy });
}
