/** BERT fills one blank, and reads on both sides of it (Devlin et al. 2019, arXiv 1810.04805). */
import { firstWord } from '../evidence.ts';
import type { Chapter } from '../script.ts';

const DRIVE = 'Tom had a big red[MASK]. He loved to drive it all day.';
const THROW = 'Tom had a big red[MASK]. He loved to throw it all day.';
const RIDE = 'Tom had a big red[MASK]. He loved to ride it all day.';
const EAT = 'Tom had a big red[MASK]. He loved to eat it all day.';
const SAD = { text: 'Lily was sad because she lost her toy. Her mom gave her a hug.', flipped: [5] };

export const blank: Chapter = {
  id: 'blank',
  minutes: 3,
  beats: [
    { id: 'hidden', scene: { text: DRIVE } },
    { id: 'guess', scene: { text: DRIVE }, question: { options: 'words', find: firstWord } },
    { id: 'list', scene: { text: DRIVE }, writes: true, figure: 'words' },
    {
      id: 'both',
      scene: { text: THROW },
      question: { options: 'words', find: firstWord },
      tries: [
        { id: 'drive', scene: { text: DRIVE } },
        { id: 'ride', scene: { text: RIDE } },
        { id: 'eat', scene: { text: EAT } },
      ],
      figure: 'words',
    },
    { id: 'hide', scene: SAD, writes: true, hides: true, figure: 'gaps' },
    { id: 'bert', scene: SAD, writes: true, hides: true, figure: 'gaps' },
  ],
};
