/** What the bench says. */
import { about, megabytes, say, short } from '../format.ts';
import type { Words } from '../words.ts';

export const bench = (w: Words['bench']) => ({
  ...w,
  download: (bytes: number) => say(w.download, { bytes: megabytes(bytes) }),
  sizeHelp: (parameters: number, bytes: number) =>
    say(w.sizeHelp, { parameters: short(parameters), bytes: megabytes(bytes) }),
  stages: {
    ...w.stages,
    open: (program: string, precision: string) => say(w.stages.open, { program, precision }),
    compare: (program: string, precision: string) => say(w.stages.compare, { program, precision }),
    measure: (task: string, precision: string) => say(w.stages.measure, { task, precision }),
  },
  left: (seconds: number) => say(w.left, { time: about(seconds) }),
  forward: (tokens: number, asked: number) => say(w.forward, { tokens, asked }),
  generate: (tokens: number, steps: number) => say(w.generate, { tokens, steps }),
  spread: (lower: string, upper: string) => say(w.spread, { lower, upper }),
  ratio: (times: string) => say(w.ratio, { times }),
  absent: (program: string, precision: string, why: string) => say(w.absent, { program, precision, why }),
});
