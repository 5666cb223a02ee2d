/** What the network is asked in the first batch, for people to look at. */
import type { Tokenizer } from '../../checkpoint/model.ts';
import { scheduleOf } from '../../diffusion/drawn-schedule.ts';
import { Batches } from '../../training/data/batches.ts';
import { objectiveOf } from '../../training/objectives/index.ts';
import type { TrainRun } from '../../training/trainer.ts';
import type { PreviewRow } from '../protocol.train.ts';

const ROWS = 4;

/** Up to four rows of the batch of step 0, with the masks that step 0 draws. */
export function previewOf(
  { settings, train, maskId, vocabSize }: Pick<TrainRun, 'settings' | 'train' | 'maskId' | 'vocabSize'>,
  { piece }: Pick<Tokenizer, 'piece'>,
): PreviewRow[] {
  const size = settings.batch * settings.accumulation;
  const rows = new Batches(train, size, settings.seed).at(0);
  const about = { maskId, vocabSize, schedule: scheduleOf(settings) };
  const { inputs, length, scored } = objectiveOf(settings).ask(rows, { seed: settings.seed, step: 0 }, about);
  const counted = new Set(scored);
  return Array.from({ length: Math.min(ROWS, size) }, (_, row) => {
    // Of block diffusion's question the first half: the clean text stands behind it.
    const slots = Array.from({ length: rows.length }, (_, i) => i);
    const asked = slots.map((slot) => row * length + slot);
    return {
      pieces: slots.map((slot) => piece(rows.ids[row * rows.length + slot] as number)),
      masked: asked.map((place) => inputs[place] === maskId),
      scored: asked.map((place) => counted.has(place)),
    };
  });
}
