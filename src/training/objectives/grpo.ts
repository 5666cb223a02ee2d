/**
 * diffu-GRPO (d1, arXiv 2504.12216, §3): reinforcement from a reward that a program can check. The model writes a group of
 * texts after one prompt; each is worth its reward less the mean of its group, not divided by the spread (as d1 has it from
 * Liu et al.). How likely a text is, is estimated by one unmasking: all of it masked, and each token of the prompt with
 * chance `promptMask`, so that the `updates` of one group each see another prompt. Of token k of a text o, with the ratio
 * ρ = p_θ / p_old under the same masks,
 *
 *     loss = −mean_o mean_k min(ρ A, clip(ρ, 1 − ε, 1 + ε) A) + β KL,   KL = p_ref/p_θ − log(p_ref/p_θ) − 1
 *
 * The loss is no sum of cross-entropies, but its gradient is, once those of the policy, of what it was when it wrote (`before`)
 * and of the reference are known from `probes`.
 */
import { Stream, stepKey, uniform, word } from '../../diffusion/rng.ts';
import type { Objective, Question, Rows, StepDraw } from './objective.ts';

export interface GrpoSettings {
  /** Weight of the divergence from the reference. */
  readonly beta: number;
  /** ε: how far the ratio counts. */
  readonly clipRatio: number;
  /** Chance that a token of the prompt is masked. */
  readonly promptMask: number;
  /** Updates by one group. */
  readonly updates: number;
}

export function grpo({ beta, clipRatio, promptMask, updates }: GrpoSettings): Objective {
  return {
    name: 'grpo',
    source: 'diffu-GRPO of d1 (arXiv 2504.12216); GRPO (arXiv 2402.03300)',
    causal: false,
    bound: false,
    batch: 'groups',
    updates,
    reference: true,
    probes(rows, draw, { maskId }) {
      const question = oneUnmasking(rows, draw, maskId, promptMask);
      return [
        { of: 'policy', question },
        { of: 'before', question },
        { of: 'reference', question },
      ];
    },
    ask(rows, draw, { maskId }, scores = []) {
      const question = oneUnmasking(rows, draw, maskId, promptMask);
      const [policy, before, reference] = scores;
      const { written } = rows;
      if (!written || !policy || !before || !reference) return question;
      const terms = { policy, before, reference, advantages: written.advantages };
      const { weights, loss, divergence, clipped } = grpoLoss(question, terms, { beta, clipRatio });
      const { rewards } = written;
      const alike = written.advantages.every((advantage) => advantage === 0);
      const told = { loss, reward: average(rewards), divergence, clipped, alike: Number(alike) };
      // Texts that are all worth the same teach nothing; AdamW would make a whole step of what rounding leaves.
      if (alike) return { ...question, ...NOTHING, told };
      return { ...question, weights, told };
    },
  };
}

const NOTHING = { scored: new Int32Array(0), targets: new Int32Array(0), weights: new Float32Array(0) };

const average = (values: ArrayLike<number>) =>
  values.length === 0 ? 0 : Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

/** Rewards less the mean of their group, `size` after one another. */
export function groupAdvantages(rewards: ArrayLike<number>, size: number): Float32Array {
  return Float32Array.from(rewards, (reward, i) => {
    const first = i - (i % size);
    return reward - average(Array.from({ length: size }, (_, k) => rewards[first + k] as number));
  });
}

/**
 * All tokens of a text that count masked at once, and of its prompt each with chance `promptMask`. What stands masked in the
 * rows, behind the end of a text, stays so. Weights are 1 over the tokens of the text and the texts.
 */
export function oneUnmasking(
  { ids, maskable, length }: Rows,
  { seed, step }: StepDraw,
  maskId: number,
  promptMask: number,
): Question {
  const key = stepKey(seed, step, Stream.Corrupt);
  const count = ids.length / length;
  const inputs = ids.slice();
  const scored: number[] = [];
  const weights: number[] = [];
  for (let row = 0; row < count; row++) {
    const own = Array.from({ length }, (_, i) => row * length + i).filter((slot) => maskable[slot] === 1);
    for (const slot of own) {
      scored.push(slot);
      weights.push(1 / (own.length * count));
    }
  }
  for (let slot = 0; slot < ids.length; slot++) {
    if (maskable[slot] === 1 || uniform(word(key, slot, 0)) < promptMask) inputs[slot] = maskId;
  }
  return {
    inputs,
    length,
    scored: Int32Array.from(scored),
    targets: Int32Array.from(scored, (slot) => ids[slot] as number),
    weights: Float32Array.from(weights),
  };
}

/** Cross-entropies of each scored token, nats, and what each text is worth. */
interface Terms {
  readonly policy: ArrayLike<number>;
  readonly before: ArrayLike<number>;
  readonly reference: ArrayLike<number>;
  readonly advantages: ArrayLike<number>;
}

/** The loss, and as weights its derivative by each cross-entropy of the policy; over the tokens: KL, and the share that is clipped. */
export function grpoLoss(
  { scored, length, weights: shares }: Pick<Question, 'scored' | 'length' | 'weights'>,
  { policy, before, reference, advantages }: Terms,
  { beta, clipRatio }: Pick<GrpoSettings, 'beta' | 'clipRatio'>,
) {
  let [loss, divergence, clipped] = [0, 0, 0];
  const weights = shares.map((share, n) => {
    const advantage = advantages[Math.floor((scored[n] as number) / length)] as number;
    const ratio = Math.exp((before[n] as number) - (policy[n] as number));
    const kept = Math.min(Math.max(ratio, 1 - clipRatio), 1 + clipRatio);
    // log(p_ref / p_θ)
    const apart = (policy[n] as number) - (reference[n] as number);
    const kl = Math.exp(apart) - apart - 1;
    const isClipped = kept * advantage < ratio * advantage;
    loss += share * (beta * kl - Math.min(ratio * advantage, kept * advantage));
    divergence += share * kl;
    clipped += share * Number(isClipped);
    return share * ((isClipped ? 0 : ratio * advantage) + beta * (Math.exp(apart) - 1));
  });
  return { weights, loss, divergence, clipped };
}
