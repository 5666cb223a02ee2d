/** Two sentences on every setting and every order, for where the control stands; the figures are in `trace/explained.ts`. */
import { say } from '../format.ts';
import type { Words } from '../words.ts';

export const explain = (w: Words['explain']) => ({ ...w, about: (name: string) => say(w.about, { name }) });
