/** Training: make it learn your text. The loss is MDLM's: hide at a random rate, guess, count each guess (arXiv 2406.07524). */
import { lossFell } from '../evidence.ts';
import type { Chapter } from '../script.ts';

const scene = { text: '', training: true } as const;

export const training: Chapter = {
  id: 'training',
  minutes: 5,
  beats: [
    { id: 'own', scene },
    { id: 'learn', scene, question: { options: ['little', 'half', 'most'], find: lossFell }, figure: 'loss' },
    { id: 'after', scene, figure: 'loss' },
    { id: 'loss', scene, figure: 'loss' },
  ],
};
