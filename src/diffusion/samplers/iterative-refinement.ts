/**
 * Barry's iterative refinement ("BERT is just a single text diffusion step", the RoBERTaDiffusion code of that article):
 * predict every slot of the new text, written ones too, write all of it, then mask a random share of it again; over ten
 * steps the share is 0.9, 0.8, …, 0. Here it is the mask rate at the end of each of S steps of any schedule. Any token may
 * change at any step. A step records what it changes: what is masked again at once was never seen. Barry
 * cuts by top-k, renormalises, and cuts that by top-p; here both cut the same softmax (`truncate.ts`).
 */
import { coins } from '../chance.ts';
import { gridRates } from '../plan.ts';
import { openAndWritten, type Sampler } from '../sampler.ts';

export const iterativeRefinementSampler: Sampler = {
  name: 'iterative-refinement',
  source: 'N. Barry, "BERT is just a single text diffusion step"; RoBERTaDiffusion inference.py',
  family: 'remasking',
  exactFor: false,
  wholeText: true,
  followsPlan: false,
  followsTime: true,
  revisits: true,
  uses: ['steps', 'schedule', 'seed'],
  paper: { steps: 10, topK: 50, topP: 0.95, block: 0 },
  asks: openAndWritten,
  choose(situation, prediction) {
    const { canvas, schedule, grid, layout } = situation;
    const share = gridRates(schedule, grid, layout.steps).next;
    const coin = coins(situation, 'remask');
    const stays = (slot: number) => coin(slot) >= share;
    const asked = new Set(openAndWritten(situation));
    const drawn = Array.from(prediction.slots, (slot, row) => ({ slot, id: prediction.ids[row] as number }));
    return {
      reveal: drawn.filter(({ slot, id }) => asked.has(slot) && stays(slot) && canvas.ids[slot] !== id),
      remask: situation.rewritable.filter((slot) => !stays(slot)),
    };
  },
};
