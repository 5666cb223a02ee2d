/**
 * Next-token prediction: the network sees to the left only, and its answer at position t is scored on the token at
 * t + 1. Exact −log p per token after the first of each text; nothing is drawn.
 */
import type { Objective } from './objective.ts';

export const nextToken: Objective = {
  name: 'next-token',
  source: 'cross-entropy of an autoregressive model, mean over the tokens',
  causal: true,
  bound: true,
  ask({ ids, maskable, length }) {
    const scored: number[] = [];
    for (let i = 0; i + 1 < ids.length; i++) {
      if ((i + 1) % length !== 0 && maskable[i + 1] === 1) scored.push(i);
    }
    return {
      inputs: ids.slice(),
      length,
      scored: Int32Array.from(scored),
      targets: Int32Array.from(scored, (position) => ids[position + 1] as number),
      weights: new Float32Array(scored.length).fill(1 / scored.length),
    };
  },
};
