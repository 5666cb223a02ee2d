/**
 * Entropy priority (dLLM pull request 106, select_transfer_positions): in the first three tenths of a block's steps one slot
 * of the quota goes to the mask of the highest entropy, where the text could still turn any way; the others to those that
 * are surest. After that it is low confidence. Their entropy may be of the 64 likeliest tokens; ours is of all.
 */
import { candidateRows, confidence, PLANNED, rank, reveal, type Sampler } from '../sampler.ts';

/** `entropy_early_ratio` and `entropy_min_tokens_per_step`. */
const EARLY = 0.3;
const RESERVED = 1;

export const entropyPrioritySampler: Sampler = {
  name: 'entropy-priority',
  source: 'dLLM pull request 106, MDLM sampler with entropy_early_ratio 0.3 and one slot a step',
  family: 'order',
  exactFor: false,
  followsPlan: true,
  uses: PLANNED,
  choose({ grid, layout, quota, ...situation }, prediction) {
    const rows = candidateRows({ grid, layout, quota, ...situation }, prediction);
    const early = grid < Math.ceil(layout.steps * EARLY) ? Math.min(RESERVED, quota) : 0;
    const first = rank(rows, (row) => prediction.entropy[row] as number).slice(0, early);
    const rest = rank(
      rows.filter((row) => !first.includes(row)),
      (row) => confidence(prediction, row),
    );
    return reveal(prediction, [...first, ...rest.slice(0, quota - first.length)]);
  },
};
