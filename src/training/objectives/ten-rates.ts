/**
 * Nathan Barry's RoBERTaDiffusion: one mask rate per batch, drawn from n/n, (n−1)/n … 1/n (ten in the blog's version, 256
 * in the current one); the first tokens of each text stay visible as a prompt; plain cross-entropy, the mean over the
 * masked tokens. No 1/t weight, so the loss is not a likelihood bound.
 */
import { Stream, stepKey, uniform, word } from '../../diffusion/rng.ts';
import { maskRows, type Objective } from './objective.ts';

export function tenRates({ count, prefix }: { readonly count: number; readonly prefix: number }): Objective {
  return {
    name: 'ten-rates',
    source: 'github.com/nathan-barry/RoBERTaDiffusion, diffusion collator',
    causal: false,
    bound: false,
    ask(rows, draw, { maskId }) {
      const chosen = uniform(word(stepKey(draw.seed, draw.step, Stream.Objective), 0, 0));
      const rate = (1 + Math.floor(chosen * count)) / count;
      const maskable = rows.maskable.map((each, i) => (i % rows.length < prefix ? 0 : each));
      const rates = new Float64Array(rows.ids.length / rows.length).fill(rate);
      return maskRows({ ...rows, maskable }, draw, maskId, rates, (_, masked) => 1 / masked);
    },
  };
}
