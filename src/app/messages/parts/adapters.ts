/** The words of adapters in use. */
import { integer, percent, say } from '../format.ts';
import type { Words } from '../words.ts';

export const adapters = (w: Words['adapters']) => ({
  ...w,
  share: percent,
  about: (rank: number, modules: number) => say(w.about, { rank: integer(rank), modules: integer(modules) }),
});
