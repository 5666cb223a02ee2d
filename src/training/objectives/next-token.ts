/**
 * Next-token prediction: the network sees to the left only, and each token after the first of a text is scored. Exact
 * −log p per token; nothing is drawn.
 */
import type { Objective } from './objective.ts';

export const nextToken: Objective = {
  name: 'next-token',
  source: 'cross-entropy of an autoregressive model, mean over the tokens',
  causal: true,
  bound: true,
  ask({ ids, maskable, length }) {
    const scored: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      if (i % length !== 0 && maskable[i] === 1) scored.push(i);
    }
    return {
      inputs: ids.slice(),
      length,
      scored: Int32Array.from(scored),
      targets: Int32Array.from(scored, (slot) => ids[slot] as number),
      weights: new Float32Array(scored.length).fill(1 / scored.length),
    };
  },
};
