/** The schedule: how much is hidden at time t, and how much is written on the way back (MDLM §3; MaskGIT §3.3). */
import { hiddenAgainst, whenMost } from '../evidence.ts';
import type { Chapter } from '../script.ts';
import { OPENING, STORY } from './texts.ts';

const EIGHT = { steps: 8, temperature: 1 } as const;

export const schedule: Chapter = {
  id: 'schedule',
  minutes: 5,
  beats: [
    {
      id: 'forward',
      scene: { text: STORY, time: 0.3, settings: { seed: 1 } },
      controls: ['time'],
      figure: 'curve',
    },
    {
      id: 'bend',
      scene: { text: STORY, time: 0, settings: { seed: 1, schedule: 'cosine' } },
      question: { options: ['fewer', 'alike', 'more'], find: hiddenAgainst(0.5), reveals: { time: 0.5 } },
      controls: ['time', 'schedule'],
      figure: 'curve',
    },
    { id: 'backward', scene: { text: OPENING, length: 24, settings: EIGHT }, writes: true, figure: 'plan' },
    {
      id: 'late',
      scene: { text: OPENING, length: 24, settings: { ...EIGHT, schedule: 'cosine' } },
      question: { options: ['first', 'even', 'last'], find: whenMost },
      tries: [
        { id: 'linear', scene: { settings: EIGHT } },
        { id: 'mirror', scene: { settings: { ...EIGHT, schedule: 'cosine-mdlm' } } },
      ],
      figure: 'plan',
    },
    {
      id: 'weight',
      scene: { text: STORY, time: 0.3, settings: { seed: 1 } },
      controls: ['time', 'schedule'],
      figure: 'curve',
    },
  ],
};
