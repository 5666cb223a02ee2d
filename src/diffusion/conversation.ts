/**
 * A conversation as a setting: the turns before the question, as JSON `[["question","answer"],…]`, so that a link, a
 * trace file and the command line all carry the text that was read. dLLM renders the whole list of messages anew every
 * turn (dllm/utils/chat.py), so these texts are all there is to a conversation; no canvas is kept.
 */
import { said, type Text } from '../text/said.ts';
import { UnmaskError } from './error.ts';

/** A question and the reply to it, as it was cut (`reply.ts` of the checkpoint room) and trimmed. */
export interface Turn {
  readonly question: string;
  readonly answer: string;
}

const LIMIT = { turns: 200, characters: 2 ** 19 };

/** Throws `UnmaskError` code `settings`. */
export function parseTurns(text: string): Turn[] {
  if (text === '') return [];
  if (text.length > LIMIT.characters) throw bad(said`a conversation of at most ${LIMIT.characters} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad('JSON');
  }
  if (!Array.isArray(value) || value.length > LIMIT.turns) throw bad(said`a list of at most ${LIMIT.turns} turns`);
  return value.map((turn: unknown) => {
    if (!Array.isArray(turn) || turn.length !== 2) throw bad('pairs of a question and an answer');
    const [question, answer] = turn as unknown[];
    if (typeof question !== 'string' || typeof answer !== 'string') throw bad('pairs of texts');
    return { question, answer };
  });
}

/** Empty for no turns. */
export function formatTurns(turns: readonly Turn[]): string {
  return turns.length === 0 ? '' : JSON.stringify(turns.map(({ question, answer }) => [question, answer]));
}

function bad(want: Text): UnmaskError {
  return new UnmaskError({
    code: 'settings',
    message: said`The earlier turns of a conversation must be ${want}.`,
    remedy: 'Give turns as [["question","answer"]], or leave them out for a new conversation.',
  });
}
