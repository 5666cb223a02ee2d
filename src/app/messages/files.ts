/**
 * Where the parts of every language lie that the page fetches after it is drawn. Apart from `languages.ts`, so that what is
 * fetched before a first screen does not grow with the languages.
 */
import type { LearnWords } from './learnWords.ts';
import type { Errors, ViewWords } from './words.ts';

export const views = import.meta.glob<ViewWords>('./text/*/views.ts', { import: 'texts' });
export const learn = import.meta.glob<LearnWords>('./text/*/learn/index.ts', { import: 'texts' });
export const errors = import.meta.glob<Errors>('./text/*/errors.json', { import: 'default' });
