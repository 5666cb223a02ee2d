/** Links, lessons and the teacher's dialog. */
import { integer, say } from '../format.ts';
import type { Words } from '../words.ts';

export const links = (w: Words['links']) => ({
  ...w,
  copied: { ...w.copied, moment: (step: number) => say(w.copied.moment, { step: integer(step) }) },
  momentHelp: (step: number) => say(w.moment[1], { step: integer(step) }),
  momentLong: (n: number, most: number) => say(w.momentLong, { n: integer(n), most: integer(most) }),
  cannotGoOn: (step: number) => say(w.cannotGoOn, { step: integer(step) }),
  otherRevision: (model: string, linked: string, here: string) =>
    say(w.otherRevision, { model, linked: linked.slice(0, 7), here: here.slice(0, 7) }),
  waiting: (step: number) => say(w.waiting, { step: integer(step) }),
  problem: ({ kind, found }: { kind: keyof typeof w.problems; found: string }, most: number) =>
    say(w.problems[kind], { found, most: integer(most) }),
});
