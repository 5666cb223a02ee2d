/** Use without a network, and new versions of the page. */
import { say, size } from '../format.ts';
import type { Words } from '../words.ts';

export const offline = (w: Words['offline']) => ({
  ...w,
  progress: (have: number, total: number) => say(w.progress, { have: size(have), total: size(total) }),
});
