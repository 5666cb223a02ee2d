/** Append or set: the autoregressive twin and the diffusion model, same data and size, on one measured clock. */
import { fastest } from '../evidence.ts';
import type { Chapter } from '../script.ts';
import { OPENING } from './texts.ts';

const append = { writer: 'append', settings: { temperature: 1 } } as const;
const set = (steps: number) => ({ writer: 'set', settings: { temperature: 1, steps } }) as const;
const race = (steps: number) => ({ text: OPENING, length: 32, lanes: [append, set(steps)] });

export const raceChapter: Chapter = {
  id: 'race',
  minutes: 4,
  beats: [
    { id: 'append', scene: { text: OPENING, length: 32, lanes: [append] }, writes: true },
    {
      id: 'race',
      scene: race(16),
      question: { options: ['append', 'set'], find: fastest },
      figure: 'times',
    },
    {
      id: 'width',
      scene: race(8),
      writes: true,
      tries: [
        { id: 'one', scene: race(32) },
        { id: 'two', scene: race(16) },
        { id: 'eight', scene: race(4) },
      ],
      figure: 'times',
    },
    {
      id: 'middle',
      scene: {
        text: `${OPENING}, there was a little cat. The cat was very sad because${'[MASK]'.repeat(8)}. So the cat found a new ball and was happy again.`,
        settings: { steps: 8, temperature: 0 },
      },
      writes: true,
      ranks: true,
      controls: ['temperature', 'seed'],
    },
    { id: 'ways', scene: race(16), writes: true, figure: 'times' },
  ],
};
