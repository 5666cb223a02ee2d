/** What every view says, in German, as one file to fetch. */
import type { FirstWords } from '../../words.ts';
import chat from './chat.json';
import core from './core.json';
import figures from './figures.json';
import links from './links.json';
import offline from './offline.json';
import steering from './steering.json';
import units from './units.json';

export const texts = {
  chat,
  core,
  figures,
  links,
  offline,
  steering,
  units,
} as unknown as FirstWords;
