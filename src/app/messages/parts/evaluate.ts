/** What the Evaluate view says. */
import { integer, say } from '../format.ts';
import type { Words } from '../words.ts';

export const evaluate = (w: Words['evaluate']) => ({
  ...w,
  metrics: w.metrics as Readonly<Record<string, string>>,
  scores: w.scores as Readonly<Record<string, string>>,
  asked: (done: number, all: number, time: string) =>
    say(time === '' ? w.asked : w.askedLeft, { done: integer(done), all: integer(all), time }),
  entry: (model: string, tasks: string, time: string) => say(w.entry, { model, tasks, time }),
  settings: (device: string, samples: number, limit: number, shots: number, seed: number) =>
    say(w.settings, {
      device,
      samples: integer(samples),
      limit: limit === 0 ? w.everything : integer(limit),
      shots: integer(shots),
      seed: String(seed),
    }),
  paused: (done: number, all: number) => say(w.paused, { done: integer(done), all: integer(all) }),
  of: (n: number, all: number) => say(w.of, { n: integer(n), all: integer(all) }),
  subject: (task: string) => say(w.subject, { task }),
  itemsOf: (task: string) => say(w.itemsOf, { task }),
  more: (n: number) => say(w.more, { n: integer(n) }),
  right: (target: string) => say(w.right, { target }),
  logLikelihood: (value: string) => say(w.logLikelihood, { value }),
  difference: (b: string, a: string, value: string, error: string, n: number) =>
    say(w.difference, { b, a, value, error, n: integer(n) }),
  notAsked: (model: string) => say(w.notAsked, { model }),
});
