/**
 * The log that training/train.py wrote while it trained a shipped model, as training/curve.py puts it beside the weights: lines
 * of JSON. A line with `data` begins a part of the run, one with `loss` is a step, one with `bits_per_char` a measurement on
 * texts that are never learnt, and `held_out_answers` one on such conversations.
 */

/** At so many tokens, so much. */
type Dot = readonly [tokens: number, value: number];

export interface Log {
  /** Nats of a masked token, a mean over some dozens of steps. */
  readonly loss: readonly Dot[];
  /** Upper bound on windows of hidden texts, bits per character. */
  readonly hidden: readonly Dot[];
  /** Of hidden conversations, half of each answer masked: nats a masked token. Of a model that chats. */
  readonly answers: readonly Dot[];
  /** The commands that made it, in their order. */
  readonly recipe: readonly string[];
}

/** Undefined for what is no such log. */
export function parseLog(text: string): Log | undefined {
  const [loss, hidden, answers, recipe]: [Dot[], Dot[], Dot[], string[]] = [[], [], [], []];
  try {
    for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
      const row = JSON.parse(line) as Readonly<Record<string, unknown>>;
      const { tokens, loss: nats, bits_per_char: bits, held_out_answers: answer, recipe: command } = row;
      if (typeof command === 'string') recipe.push(command);
      if (typeof tokens !== 'number') continue;
      if (typeof nats === 'number') loss.push([tokens, nats]);
      if (typeof bits === 'number') hidden.push([tokens, bits]);
      if (typeof answer === 'number') answers.push([tokens, answer]);
    }
  } catch {
    return undefined; // a page in the place of the file, as some servers send
  }
  return hidden.length > 0 ? { loss, hidden, answers, recipe } : undefined;
}
