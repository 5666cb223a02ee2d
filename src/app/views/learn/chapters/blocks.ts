/** Between setting and appending: blocks, finished one after the other (BD3-LM, arXiv 2503.09573). */
import { rowsOfLast } from '../evidence.ts';
import type { Chapter } from '../script.ts';
import { OPENING } from './texts.ts';

const blocksOf = (block: number) => ({ process: 'blocks', block, steps: 32, temperature: 1 }) as const;

export const blocks: Chapter = {
  id: 'blocks',
  minutes: 3,
  beats: [
    {
      id: 'between',
      scene: { text: OPENING, length: 32, settings: blocksOf(8) },
      writes: true,
      tries: [
        { id: 'one', scene: { settings: blocksOf(1) } },
        { id: 'four', scene: { settings: blocksOf(4) } },
        { id: 'whole', scene: { settings: blocksOf(32) } },
      ],
      ranks: true,
    },
    {
      id: 'kept',
      scene: { text: OPENING, length: 32, settings: blocksOf(8) },
      question: { options: ['block', 'text'], find: rowsOfLast },
      ranks: true,
    },
    {
      id: 'papers',
      scene: { text: OPENING, length: 32, settings: blocksOf(8) },
      writes: true,
      controls: ['seed'],
      ranks: true,
    },
  ],
};
