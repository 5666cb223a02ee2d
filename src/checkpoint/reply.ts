/**
 * What of a canvas is the answer, as dLLM cuts it (dllm/utils/sampling.py): the new ids up to the first
 * padding or end token, decoded without special tokens, up to the text "[PAD]" or "[/Answer]". Spaces at its ends are
 * cut, as the template does on the next turn.
 */
import type { Ending, FindEnding } from '../diffusion/early-stop.ts';
import { firstOf } from '../diffusion/early-stop.ts';
import { endIds } from './end-ids.ts';
import type { Model } from './model.ts';

type Speaker = Pick<Model, 'arch' | 'tokenizer'>;

/** Texts that end an answer, though they are ordinary tokens. */
const END_TEXTS = ['[PAD]', '[/Answer]'];

export interface Reply {
  readonly text: string;
  /** Which of the ids end it; undefined when it runs to the end of the canvas. */
  readonly ending: Ending | undefined;
}

/** `ids` are those of the new text; masks among them have no text. */
export function replyOf(ids: readonly number[], model: Speaker): Reply {
  const { tokenizer, arch } = model;
  const end = firstOf(endIds(arch))(ids);
  const text = tokenizer.decode(ids.slice(0, end?.from));
  return { text: beforeEnd(text).trim(), ending: endingIn(model)(ids) };
}

function beforeEnd(text: string): string {
  const ends = END_TEXTS.map((end) => text.indexOf(end)).filter((at) => at >= 0);
  return text.slice(0, Math.min(text.length, ...ends));
}

/**
 * Finds what ends an answer: an end token, or an end text, whose tokens may hold more than it ("." and "[" are one in
 * some vocabularies), so it is found in the text and not among the ids.
 */
export function endingIn({ tokenizer, arch }: Speaker): FindEnding {
  const first = firstOf(endIds(arch));
  return (ids) => {
    const token = first(ids);
    let text = '';
    // Where each token's text stops. A piece of a character that is not ASCII may be longer alone; end texts are ASCII.
    const stops = ids.slice(0, token?.from).map((id) => {
      text += tokenizer.piece(id);
      return text.length;
    });
    const found = END_TEXTS.map((end) => [text.indexOf(end), end.length] as const).filter(([at]) => at >= 0);
    if (found.length === 0) return token;
    const [at, length] = found.reduce((a, b) => (b[0] < a[0] ? b : a));
    const holding = (place: number) => stops.findIndex((stop) => stop > place);
    return { from: holding(at), to: holding(at + length - 1) + 1 };
  };
}
