/** The sentences of chatting: the conversation, where an answer ends, and the two lengths that bite. */
import { counted, integer, say, sentences } from '../format.ts';
import { passes, slots, tokens } from '../units.ts';
import type { Words } from '../words.ts';

export const chat = (w: Words['chat']) => ({
  ...w,
  turn: (n: number) => say(w.turn, { n: integer(n) }),
  drawAt: (temperature: string) => say(w.drawAt, { temperature }),
  removeAt: (n: number) => say(w.removeAt, { n: integer(n) }),
  removed: (n: number) => counted(n, w.removed),
  ended: (at: number, unneeded: number, saved: number | undefined) =>
    sentences(
      say(w.ended.at, { slot: integer(at) }),
      counted(unneeded, w.ended.unneeded),
      saved !== undefined && say(w.ended.saved, { passes: passes(saved) }),
    ),
  endedFromLeft: (at: number, left: number) =>
    sentences(say(w.ended.at, { slot: integer(at) }), counted(left, w.ended.left)),
  full: (length: number) => say(w.full, { slots: slots(length) }),
  nearlyFull: (used: number, length: number) => say(w.nearlyFull, { used: integer(used), slots: slots(length) }),
  askFor: (length: number) => say(w.askFor, { length: integer(length) }),
  tooLong: (prompt: number, length: number, most: number, model: string) =>
    say(w.tooLong, { tokens: tokens(prompt), length: integer(length), model, most: integer(most) }),
  pastTraining: (all: number, trained: number) =>
    say(w.pastTraining, { tokens: tokens(all), trained: integer(trained) }),
  nearTraining: (all: number, trained: number) =>
    say(w.nearTraining, { tokens: tokens(all), trained: integer(trained) }),
  noTemplate: (model: string) => say(w.noTemplate, { model }),
});
