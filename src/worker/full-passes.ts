/** An autoregressor that remembers nothing: every token costs a pass over the whole text. */
import type { Autoregressor } from '../diffusion/autoregressor.ts';
import type { Denoiser } from '../diffusion/denoiser.ts';

/** Rows whose logits are held at once; the engine wants a multiple of 64. */
const ROWS = 64;

interface Causal extends Denoiser {
  logits(ids: Int32Array, from: number, to: number): Promise<Float32Array>;
}

/** `model` is causal: row t of it is its guess for slot t + 1. */
export function fullPasses(model: Causal): Autoregressor {
  const { vocabSize, maxLength } = model;
  return {
    vocabSize,
    maxLength,
    async next({ ids, draw, topK, suppress = [] }) {
      const slots = Int32Array.of(ids.length - 1);
      const answer = await model.predict({ ids, slots, draw, topK, suppress, fresh: true });
      return { ...answer, slots: Int32Array.of(ids.length) };
    },
    async score(ids) {
      const scores = new Float32Array(Math.max(0, ids.length - 1));
      for (let from = 0; from < scores.length; from += ROWS) {
        const to = Math.min(scores.length, from + ROWS);
        const logits = await model.logits(ids, from, to);
        for (let row = from; row < to; row++) {
          const values = logits.subarray((row - from) * vocabSize, (row - from + 1) * vocabSize);
          const most = values.reduce((a, b) => Math.max(a, b));
          const sum = values.reduce((total, value) => total + Math.exp(value - most), 0);
          scores[row] = (values[ids[row + 1] as number] as number) - most - Math.log(sum);
        }
      }
      return scores;
    },
  };
}
