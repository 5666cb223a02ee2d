/** The list of keys. */
import type { Words } from '../words.ts';

export const shortcuts = (w: Words['shortcuts']) => ({
  ...w,
  groups: w.groups as unknown as readonly (readonly [string, readonly (readonly [string, string])[]])[],
});
