/**
 * The log that training/train.py or train_edits.py wrote while it trained a shipped model, as training/curve.py puts it beside
 * the weights: lines of JSON. A line with `recipe` begins a part of the run, one with `loss` is a step, one with
 * `bits_per_char` a measurement on texts that are never learnt: of a model that edits `edit_loss`, of one that chats
 * `held_out_answers`.
 */

/** At so many tokens, so much. */
type Dot = readonly [tokens: number, value: number];

export interface Log {
  /** What the model was trained to do. */
  readonly kind: 'writes' | 'edits' | 'chats';
  /** Nats of a masked token, or the loss of edits, a mean over some dozens of steps. */
  readonly loss: readonly Dot[];
  /**
   * Upper bound on windows of hidden texts, bits per character; or the loss of edits; or nats a masked token of hidden
   * conversations, half of each answer masked.
   */
  readonly hidden: readonly Dot[];
  /** The commands that made it, in their order. */
  readonly recipe: readonly string[];
}

/** Undefined for what is no such log. */
export function parseLog(text: string): Log | undefined {
  const [loss, texts, edits, answers, recipe]: [Dot[], Dot[], Dot[], Dot[], string[]] = [[], [], [], [], []];
  try {
    for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
      const row = JSON.parse(line) as Readonly<Record<string, unknown>>;
      const {
        tokens,
        loss: nats,
        bits_per_char: bits,
        edit_loss: left,
        held_out_answers: answer,
        recipe: command,
      } = row;
      if (typeof command === 'string') recipe.push(command);
      if (typeof tokens !== 'number') continue;
      if (typeof nats === 'number') loss.push([tokens, nats]);
      if (typeof bits === 'number') texts.push([tokens, bits]);
      if (typeof left === 'number') edits.push([tokens, left]);
      if (typeof answer === 'number') answers.push([tokens, answer]);
    }
  } catch {
    return undefined; // a page in the place of the file, as some servers send
  }
  const kind = answers.length > 0 ? 'chats' : edits.length > 0 ? 'edits' : 'writes';
  const hidden = { chats: answers, edits, writes: texts }[kind];
  return hidden.length > 0 ? { kind, loss, hidden, recipe } : undefined;
}
