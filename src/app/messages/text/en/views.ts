/** What the views beside Generate say, in English, as one file to fetch. */
import type { ViewWords } from '../../words.ts';
import adapters from './adapters.json';
import align from './align.json';
import bench from './bench.json';
import compare from './compare.json';
import evaluate from './evaluate.json';
import explain from './explain.json';
import hood from './hood.json';
import processes from './processes.json';
import scheduleView from './scheduleView.json';
import takeaway from './takeaway.json';
import train from './train.json';

export const texts = {
  adapters,
  align,
  bench,
  compare,
  evaluate,
  explain,
  hood,
  processes,
  scheduleView,
  takeaway,
  train,
} as unknown as ViewWords;
