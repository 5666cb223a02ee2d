/** What the views beside Generate say, in German, as one file to fetch. */
import type { ViewWords } from '../../words.ts';
import access from './access.json';
import adapters from './adapters.json';
import align from './align.json';
import bench from './bench.json';
import classroom from './classroom.json';
import compare from './compare.json';
import evaluate from './evaluate.json';
import explain from './explain.json';
import hood from './hood.json';
import models from './models.json';
import odd from './odd.json';
import processes from './processes.json';
import scheduleView from './scheduleView.json';
import shortcuts from './shortcuts.json';
import takeaway from './takeaway.json';
import teach from './teach.json';
import train from './train.json';

export const texts = {
  access,
  adapters,
  align,
  bench,
  classroom,
  compare,
  evaluate,
  explain,
  hood,
  models,
  odd,
  processes,
  scheduleView,
  shortcuts,
  takeaway,
  teach,
  train,
} as unknown as ViewWords;
