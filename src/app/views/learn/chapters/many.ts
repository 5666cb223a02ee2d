/** Many tokens at once, and what it costs: tokens of one pass cannot see each other (Fast-dLLM, arXiv 2505.22618). */
import { costOfFew, passesNeeded, sameNeighbours } from '../evidence.ts';
import type { Chapter } from '../script.ts';
import { OPENING, STORY } from './texts.ts';

const lane = (steps: number) => ({ writer: 'set', settings: { steps, temperature: 1 } }) as const;
const HALF = { text: STORY, time: 0.5 } as const;

export const many: Chapter = {
  id: 'many',
  minutes: 5,
  beats: [
    {
      id: 'four',
      scene: { text: OPENING, length: 24, settings: { steps: 6, temperature: 1 } },
      writes: true,
      tries: [
        { id: 'one', scene: { settings: { steps: 24, temperature: 1 } } },
        { id: 'two', scene: { settings: { steps: 12, temperature: 1 } } },
        { id: 'eight', scene: { settings: { steps: 3, temperature: 1 } } },
      ],
    },
    {
      id: 'blind',
      scene: { ...HALF, settings: { seed: 3, steps: 1 } },
      question: { options: ['yes', 'no'], find: sameNeighbours },
      tries: [{ id: 'single', scene: { settings: { seed: 3, steps: 64 } } }],
    },
    {
      id: 'price',
      scene: { text: OPENING, length: 32, judge: true, lanes: [lane(32), lane(16), lane(8), lane(4)] },
      question: { options: ['better', 'alike', 'worse'], find: costOfFew },
      figure: 'times',
    },
    {
      id: 'sure',
      scene: { ...HALF, settings: { seed: 4, steps: 64, sampler: 'threshold', threshold: 0.9 } },
      question: { options: ['few', 'many'], find: passesNeeded },
      tries: [
        { id: 'bolder', scene: { settings: { seed: 4, steps: 64, sampler: 'threshold', threshold: 0.5 } } },
        {
          id: 'blank',
          scene: {
            text: OPENING,
            length: 24,
            time: undefined,
            settings: { steps: 64, sampler: 'threshold', threshold: 0.9 },
          },
        },
      ],
      ranks: true,
    },
    {
      id: 'papers',
      scene: { ...HALF, settings: { seed: 4, steps: 64, sampler: 'threshold', threshold: 0.9 } },
      writes: true,
      ranks: true,
    },
  ],
};
