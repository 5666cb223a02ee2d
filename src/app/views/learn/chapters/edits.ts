/**
 * Beyond masks: edits (Edit Flows, arXiv 2506.09018). The runs are recorded, so the chapter needs no model: `recorded/` holds
 * what `generate --from TEXT --trace FILE` wrote with a small model that had learnt to repair stories.
 */
import { lastKind, wordsKept } from '../evidence.ts';
import type { Chapter } from '../script.ts';

export const edits: Chapter = {
  id: 'edits',
  minutes: 3,
  beats: [
    {
      id: 'mistakes',
      scene: { text: '', recorded: 'repair' },
      question: { options: ['set', 'insert', 'remove'], find: lastKind },
    },
    {
      id: 'chance',
      scene: { text: '', recorded: 'leap' },
      question: { options: ['all', 'most', 'few'], find: wordsKept },
      tries: [
        { id: 'leap', scene: { recorded: 'leap' } },
        { id: 'sure', scene: { recorded: 'repair' } },
      ],
    },
    { id: 'papers', scene: { text: '', recorded: 'repair' }, writes: true },
  ],
};
