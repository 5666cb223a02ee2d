/**
 * A regular expression among expected values is a pattern that a text must match, in `toMatchObject` as in `toEqual`.
 * Without this `toMatchObject({ message: /lost/ })` holds whatever the message: it compares the expression's own
 * properties, and it has none.
 */
import { expect } from 'vitest';

expect.addEqualityTesters([
  (actual, expected) => {
    if (!(expected instanceof RegExp) || actual instanceof RegExp) return undefined;
    return typeof actual === 'string' && expected.test(actual);
  },
]);
