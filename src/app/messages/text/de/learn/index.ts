/** The chapters in German, as one file to fetch with the Learn view. */
import type { LearnWords } from '../../../learnWords.ts';
import blank from './blank.json';
import blocks from './blocks.json';
import edits from './edits.json';
import many from './many.json';
import order from './order.json';
import race from './race.json';
import rate from './rate.json';
import schedule from './schedule.json';
import training from './training.json';
import view from './view.json';

export const texts: LearnWords = {
  view,
  chapters: { blank, blocks, edits, many, order, race, rate, schedule, training },
};
