/**
 * Where the parts of every language lie that the page fetches after it is drawn. Apart from `languages.ts`, so that what is
 * fetched before a first screen does not grow with the languages.
 */
import type { ChapterText, LearnWords } from './learnWords.ts';
import type { Errors, ViewWords } from './words.ts';

export const views = import.meta.glob<ViewWords>('./text/*/explain.json', {
  query:
    '?views=access,adapters,align,bench,classroom,compare,evaluate,explain,hood,models,odd,processes,scheduleView,shortcuts,takeaway,teach,train',
  import: 'texts',
});
/** `view` has the words around the chapters; the others are chapters. */
export const learn = import.meta.glob<Pick<LearnWords, 'view'> & Record<string, ChapterText>>(
  './text/*/learn/view.json',
  { query: '?learn=view,blank,blocks,edits,many,order,race,rate,schedule,training', import: 'texts' },
);
export const errors = import.meta.glob<Errors>('./text/*/errors.json', { import: 'default' });
