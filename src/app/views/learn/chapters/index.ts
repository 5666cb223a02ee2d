/** The chapters, in the order they are told. A new one is a row here and a file of prose in every language. */
import type { Chapter } from '../script.ts';
import { blank } from './blank.ts';
import { blocks } from './blocks.ts';
import { edits } from './edits.ts';
import { many } from './many.ts';
import { order } from './order.ts';
import { raceChapter } from './race.ts';
import { rate } from './rate.ts';
import { schedule } from './schedule.ts';
import { training } from './training.ts';

export const CHAPTERS: readonly Chapter[] = [blank, rate, schedule, order, many, training, raceChapter, blocks, edits];
