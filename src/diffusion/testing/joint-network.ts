/**
 * A network that knows a joint distribution and answers with its conditionals: a sampler that is exact must draw from the
 * joint, and the difference can be measured, because all of it is known.
 */
import { type TableNetwork, tableNetwork } from './table-network.ts';

export interface Joint {
  readonly slots: number;
  readonly tokens: number;
  /** Probability of every text, `[tokens ^ slots]`; slot 0 is the most significant digit. */
  readonly probabilities: readonly number[];
}

/** Digits of text number `index`. */
export function textOf({ slots, tokens }: Joint, index: number): number[] {
  return Array.from({ length: slots }, (_, slot) => Math.floor(index / tokens ** (slots - 1 - slot)) % tokens);
}

export function indexOf({ tokens }: Joint, text: ArrayLike<number>): number {
  return Array.from(text).reduce((index, id) => index * tokens + id, 0);
}

/** Answers p(slot | the other slots that are not masked). The mask id is `tokens`; its own probability is 0. */
export function jointNetwork(joint: Joint): TableNetwork {
  const { tokens, probabilities } = joint;
  const texts = probabilities.map((_, index) => textOf(joint, index));
  return tableNetwork(tokens + 1, tokens, (ids, slot) => {
    const weights = Array<number>(tokens + 1).fill(0);
    for (const [index, text] of texts.entries()) {
      const fits = text.every((id, at) => at === slot || ids[at] === tokens || ids[at] === id);
      const id = text[slot] as number;
      if (fits) weights[id] = (weights[id] as number) + (probabilities[index] as number);
    }
    return weights.map(Math.log);
  });
}
