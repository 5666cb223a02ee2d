/** Counts of the things that every part of the page speaks of: "2 steps", "1 token". */
import { counted, type Forms } from './format.ts';
import { words } from './words.ts';

const unit =
  (forms: () => Forms) =>
  (n: number): string =>
    counted(n, forms());

export const tokens = unit(() => words.units.tokens);
export const steps = unit(() => words.units.steps);
export const masks = unit(() => words.units.masks);
export const slots = unit(() => words.units.slots);
export const keptWords = unit(() => words.units.words);
export const passes = unit(() => words.units.passes);
export const texts = unit(() => words.units.texts);
export const checks = unit(() => words.units.checks);
export const rows = unit(() => words.units.rows);
