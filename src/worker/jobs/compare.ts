/** Writes several texts, each alone on the device, and says what each took. */
import { checkSameArithmetic, openLane, writeLane } from '../lane.ts';
import { Pieces } from '../pieces.ts';
import type { Job } from './job.ts';

export const compareJob: Job<'compare'> = {
  device: 'turn',
  needs: ({ lanes, judge }) => [
    ...(lanes.some(({ writer }) => writer === 'set') ? (['main'] as const) : []),
    ...(judge || lanes.some(({ writer }) => writer === 'append') ? (['twin'] as const) : []),
  ],
  async run({ lanes, steps, judge }, { models, signal, emit, yieldToEvents }) {
    if (judge || lanes.some(({ writer }) => writer === 'append')) checkSameArithmetic(models);
    for (const [index, lane] of lanes.entries()) {
      const open = openLane(models, lane);
      const pieces = new Pieces(open.loaded.model.tokenizer);
      const { start, maskId } = open;
      if (steps) {
        emit({ kind: 'lane', lane: index, start, maskId, pieces: pieces.fresh(start.ids) });
        await open.warmUp();
      }
      const result = await writeLane(models, open, lane, {
        judge,
        signal,
        async onStep(step) {
          const { ids, topIds } = step.prediction;
          const fresh = () => pieces.fresh(step.revealedIds, ids, topIds);
          if (steps) emit({ kind: 'laneStep', lane: index, step, pieces: fresh() });
          await yieldToEvents();
        },
      });
      if (result === undefined) return;
      emit({ kind: 'written', lane: index, result });
    }
  },
};
