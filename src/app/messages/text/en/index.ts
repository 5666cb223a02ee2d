/** All texts in English, as one file to fetch. */
import type { Words } from '../../words.ts';
import bench from './bench.json';
import chat from './chat.json';
import compare from './compare.json';
import core from './core.json';
import explain from './explain.json';
import figures from './figures.json';
import hood from './hood.json';
import links from './links.json';
import models from './models.json';
import offline from './offline.json';
import scheduleView from './scheduleView.json';
import steering from './steering.json';
import takeaway from './takeaway.json';
import train from './train.json';
import units from './units.json';

export const texts = {
  bench,
  chat,
  compare,
  core,
  explain,
  figures,
  hood,
  links,
  models,
  offline,
  scheduleView,
  steering,
  takeaway,
  train,
  units,
} as unknown as Words;
