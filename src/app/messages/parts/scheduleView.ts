/** The sentences of the Schedule view. */
import { integer, say } from '../format.ts';
import { masks, steps, tokens } from '../units.ts';
import type { Words } from '../words.ts';

export const scheduleView = (w: Words['scheduleView']) => ({
  ...w,
  sentence: {
    ...w.sentence,
    timeValue: (t: string, rate: string) => say(w.sentence.timeValue, { t, rate }),
    of: (n: string, total: string) => say(w.sentence.of, { n, total }),
    guessed: (guess: string, probability: string, truth: string) =>
      say(w.sentence.guessed, { guess, probability, truth }),
  },
  curves: {
    ...w.curves,
    lead: (n: number, s: number) => say(w.curves.lead, { tokens: tokens(n), steps: steps(s) }),
    choose: (name: string, formula: string, t: string, rate: string) =>
      say(w.curves.choose, { name, formula, t, rate }),
    plot: (what: string) => say(w.curves.plot, { what }),
    value: (t: string, all: string) => say(w.curves.value, { t, all }),
    at: (t: string) => say(w.curves.at, { t }),
    planCaption: (n: number, s: number) => say(w.curves.planCaption, { tokens: tokens(n), steps: steps(s) }),
  },
  draw: {
    ...w.draw,
    point: (n: number, total: number) => say(w.draw.point, { n: integer(n), total: integer(total) }),
    pointValue: (t: string, rate: string) => say(w.draw.pointValue, { t, rate }),
    plan: (counts: string) => say(w.draw.plan, { counts }),
    planNote: (n: number, s: number) => say(w.draw.planNote, { tokens: tokens(n), steps: steps(s) }),
    field: {
      ...w.draw.field,
      t: (n: number) => say(w.draw.field.t, { n: integer(n) }),
      p: (n: number) => say(w.draw.field.p, { n: integer(n) }),
    },
    removePoint: (n: number) => say(w.draw.removePoint, { n: integer(n) }),
    problem: (problem: string) => say(w.draw.problem, { problem }),
  },
  mirror: {
    ...w.mirror,
    setup: (prompt: string, n: number, s: number) =>
      say(w.mirror.setup, { prompt, tokens: tokens(n), steps: steps(s) }),
    step: (step: number, of: number) => say(w.mirror.step, { step: integer(step), of: integer(of) }),
    plan: (name: string, counts: string) => say(w.mirror.plan, { name, counts }),
    planned: (rate: string, left: number) => say(w.mirror.planned, { rate, masks: masks(left) }),
    text: (name: string) => say(w.mirror.text, { name }),
    wrote: (name: string) => say(w.mirror.wrote, { name }),
    left: (name: string) => say(w.mirror.left, { name }),
  },
  nelbo: {
    ...w.nelbo,
    committed: (samples: number, size: number, n: number, device: string, command: string) =>
      say(w.nelbo.committed, { samples: integer(samples), batch: integer(size), tokens: tokens(n), device, command }),
    live: (text: string, n: number, device: string) =>
      say(w.nelbo.live, { device, text: text.length > 80 ? `${text.slice(0, 80)}…` : text, tokens: tokens(n) }),
    savedRare: (schedule: string, ratio: string, one: string, other: string) =>
      say(w.nelbo.savedRare, { schedule, ratio, one, other }),
    progress: (done: number, total: number) => say(w.nelbo.progress, { done: integer(done), total: integer(total) }),
  },
  times: {
    ...w.times,
    lead: (size: number) => say(w.times.lead, { batch: integer(size) }),
    point: (kind: string, batch: number, t: string) => say(w.times.point, { kind, batch: integer(batch), t }),
    variance: (size: number, schedule: string, independent: string, spread: string) =>
      say(w.times.variance, { schedule, batch: integer(size), independent, spread }),
  },
  blocks: {
    ...w.blocks,
    point: (what: string, block: number, value: string) => say(w.blocks.point, { what, block: integer(block), value }),
    honest: (command: string) => say(w.blocks.honest, { command }),
  },
});
