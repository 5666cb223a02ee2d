/** In which order to unmask: by chance, the surest first, or as we read (MaskGIT; LLaDA; Dream). */
import { firstGap, likelier, whereWritten } from '../evidence.ts';
import type { Chapter } from '../script.ts';
import { OPENING } from './texts.ts';

const GAPS = 'Lily had a[MASK] ball. She loved to play[MASK] it in the[MASK]. One[MASK], she lost it.';
const WRITE = { steps: 24, temperature: 1 } as const;

export const order: Chapter = {
  id: 'order',
  minutes: 4,
  beats: [
    {
      id: 'which',
      scene: { text: GAPS, settings: { steps: 8 } },
      question: { options: 'gaps', find: firstGap },
      ranks: true,
    },
    { id: 'why', scene: { text: GAPS, settings: { steps: 8 } }, writes: true, figure: 'gaps', ranks: true },
    {
      id: 'random',
      scene: {
        text: OPENING,
        length: 24,
        judge: true,
        lanes: [
          { writer: 'set', settings: { ...WRITE, sampler: 'confidence' } },
          { writer: 'set', settings: { ...WRITE, sampler: 'random' } },
        ],
      },
      question: { options: ['first', 'second'], find: likelier },
      figure: 'times',
      ranks: true,
    },
    {
      id: 'left',
      scene: { text: OPENING, length: 24, settings: { ...WRITE, sampler: 'left-to-right' } },
      writes: true,
      tries: [
        { id: 'surest', scene: { settings: { ...WRITE, sampler: 'confidence' } } },
        { id: 'chance', scene: { settings: { ...WRITE, sampler: 'random' } } },
        { id: 'blocks', scene: { settings: { ...WRITE, sampler: 'confidence', steps: 32, block: 8 } } },
      ],
      claim: { options: ['anywhere', 'left'], find: whereWritten },
      ranks: true,
    },
    {
      id: 'papers',
      scene: { text: OPENING, length: 24, settings: WRITE },
      writes: true,
      controls: ['sampler', 'seed'],
      ranks: true,
    },
  ],
};
