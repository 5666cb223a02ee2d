/**
 * Token editing of LLaDA 2.1 (its `generate`): masks are written as in threshold decoding, and a token that stands
 * already is replaced when the network, which sees it, would put another one there with at least the editing threshold.
 * When the block is full the editing goes on until nothing changes, for at most 16 steps.
 */
import { candidateRows, confidence, openAndWritten, rank, reveal, type Sampler } from '../sampler.ts';

/** `max_post_steps` of LLaDA 2.1. */
const POST_STEPS = 16;

export const tokenEditingSampler: Sampler = {
  name: 'token-editing',
  source: 'LLaDA 2.1 generate: threshold, editing_threshold, max_post_steps 16',
  family: 'remasking',
  exactFor: false,
  followsPlan: false,
  revisits: true,
  extraSteps: () => POST_STEPS,
  uses: ['threshold', 'editThreshold'],
  paper: { threshold: 0.95, editThreshold: 0.9, block: 32, temperature: 0 },
  asks: openAndWritten,
  choose(situation, prediction) {
    const { canvas, settings } = situation;
    const score = (row: number) => confidence(prediction, row);
    const ranked = rank(candidateRows(situation, prediction), score);
    const writes = ranked.filter((row, place) => place === 0 || score(row) >= settings.threshold);
    const written = new Set(situation.rewritable);
    const edits = Array.from(prediction.slots.keys()).filter((row) => {
      const slot = prediction.slots[row] as number;
      return written.has(slot) && prediction.ids[row] !== canvas.ids[slot] && score(row) >= settings.editThreshold;
    });
    return reveal(prediction, [...writes, ...rank(edits, score)]);
  },
};
