/** The words of adapters in use. */
import { integer, say } from '../format.ts';
import type { Words } from '../words.ts';

export const adapters = (w: Words['adapters']) => ({
  ...w,
  share: (weight: number) => say(w.share, { n: integer(Math.round(100 * weight)) }),
  about: (rank: number, modules: number) => say(w.about, { rank: integer(rank), modules: integer(modules) }),
});
