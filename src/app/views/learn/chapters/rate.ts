/** Raise the mask rate, and filling blanks becomes one step of diffusion (Barry 2025; MDLM, arXiv 2406.07524). */
import { cameBack, sameEverywhere, whereWritten } from '../evidence.ts';
import type { Chapter } from '../script.ts';
import { OPENING, STORY } from './texts.ts';

const WHERE = { options: ['anywhere', 'left', 'once'], find: whereWritten } as const;
const BACK = ['all', 'most', 'few'] as const;

export const rate: Chapter = {
  id: 'rate',
  minutes: 4,
  beats: [
    {
      id: 'fifteen',
      scene: { text: STORY, time: 0.15, settings: { seed: 3 } },
      question: { options: BACK, find: cameBack },
      controls: ['seed'],
    },
    {
      id: 'half',
      scene: { text: STORY, time: 0.5, settings: { seed: 3 } },
      question: { options: BACK, find: cameBack },
      controls: ['time', 'seed'],
    },
    {
      id: 'everything',
      scene: { text: STORY, time: 1, settings: { seed: 3 } },
      question: { options: ['same', 'mixed'], find: sameEverywhere },
    },
    {
      id: 'again',
      scene: { text: OPENING, length: 24, settings: { steps: 24, temperature: 1 } },
      writes: true,
      tries: [
        { id: 'one', scene: { settings: { steps: 1, temperature: 1 } } },
        { id: 'six', scene: { settings: { steps: 6, temperature: 1 } } },
        { id: 'all', scene: { settings: { steps: 24, temperature: 1 } } },
      ],
      claim: WHERE,
    },
    {
      id: 'family',
      scene: { text: OPENING, length: 24, settings: { steps: 24, temperature: 1 } },
      writes: true,
      controls: ['steps', 'temperature', 'seed'],
    },
  ],
};
