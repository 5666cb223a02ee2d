/** The words of the Train view. */
import type { Amount } from '../../../worker/protocol.train.ts';
import {
  about,
  counted,
  day,
  duration,
  hundredths,
  integer,
  megabytes,
  rate,
  say,
  scientific,
  short,
  significant,
  size,
} from '../format.ts';
import { rows, tokens } from '../units.ts';
import type { Words } from '../words.ts';

/** What is said of an experiment: by the names in the texts. */
type Facts = Readonly<Record<string, string | number>>;

export const train = (w: Words['train']) => ({
  ...w,
  chosen: (name: string, bytes: number) => say(w.chosen, { name, bytes: megabytes(bytes) }),
  sourceHelp: { ...w.sourceHelp, run: (name: string) => say(w.sourceHelp.run, { name }) },
  estimate: (seconds: number) => say(w.estimate, { time: duration(seconds) }),
  takes: (base: number, learning: number, work: number) =>
    say(base > 0 ? w.takes.beside : w.takes.whole, {
      all: size(base + learning + work),
      base: size(base),
      learning: size(learning),
      work: size(work),
    }),
  cutRows: (n: number) => say(w.cutRows, { rows: rows(n) }),
  cutLayers: (blocks: number) => say(w.cutLayers, { blocks: integer(blocks) }),
  stored: (name: string, bytes: number) => say(w.stored, { name, bytes: megabytes(bytes) }),
  partly: (name: string, have: number, bytes: number) =>
    say(w.partly, { name, have: megabytes(have), bytes: megabytes(bytes) }),
  look: {
    ...w.look,
    split: (learnt: Amount, heldOut: Amount) =>
      say(heldOut.texts === 0 ? w.look.all : w.look.split, {
        texts: counted(learnt.texts, w.look.texts),
        characters: counted(learnt.characters, w.look.characters),
        heldOutTexts: counted(heldOut.texts, w.look.texts),
        heldOutCharacters: counted(heldOut.characters, w.look.characters),
      }),
  },
  range: (min: number, max: number) => say(w.range, { min: significant(min), max: integer(max) }),
  calmer: (lr: number) => say(w.calmer, { lr: lr < 1e-4 ? scientific(lr) : significant(lr) }),
  began: (name: string) => say(w.began, { name }),
  initHelp: {
    ...w.initHelp,
    model: (name: string) => say(w.initHelp.model, { name }),
    small: (name: string) => say(w.initHelp.small, { name }),
    large: (name: string) => say(w.initHelp.large, { name }),
    twin: (name: string) => say(w.initHelp.twin, { name }),
  },
  options: w.options as Readonly<Record<string, Readonly<Record<string, string>>>>,
  progress: (stage: string, share: number) => say(w.progress, { stage, share: integer(Math.round(100 * share)) }),
  state: {
    ...w.state,
    running: (step: number, of: number) => say(w.state.running, { step: integer(step), of: integer(of) }),
    paused: (step: number, of: number) => say(w.state.paused, { step: integer(step), of: integer(of) }),
    ended: {
      ...w.state.ended,
      steps: (step: number) => say(w.state.ended.steps, { step: integer(step) }),
      patience: (step: number) => say(w.state.ended.patience, { step: integer(step) }),
      stopped: (step: number) => say(w.state.ended.stopped, { step: integer(step) }),
      'not-finite': (step: number) => say(w.state.ended['not-finite'], { step: integer(step) }),
      device: (step: number) => say(w.state.ended.device, { step: integer(step) }),
    },
  },
  offer: (name: string, step: number, of: number) => say(w.offer, { name, step: integer(step), of: integer(of) }),
  facts: {
    ...w.facts,
    about: (parameters: number, backend: string, device: string, objective: string) =>
      say(backend === 'webgpu' ? w.facts.about.webgpu : w.facts.about.processor, {
        parameters: short(parameters),
        device,
        objective,
      }),
    split: (learn: number, learnTokens: number, held: number, heldTokens: number) =>
      say(w.facts.split, {
        rows: rows(learn),
        tokens: tokens(learnTokens),
        heldOutRows: rows(held),
        heldOutTokens: tokens(heldTokens),
      }),
  },
  value: {
    loss: hundredths,
    significant,
    lr: (value: number) => (value > 0 && value < 1e-4 ? scientific(value) : significant(value)),
    rate,
    duration,
    size,
  },
  held: (nelbo: number, error: number) =>
    Number.isFinite(error) ? say(w.held, { nelbo: hundredths(nelbo), error: hundredths(error) }) : hundredths(nelbo),
  plot: {
    ...w.plot,
    uniform: (value: number) => say(w.plot.uniform, { value: hundredths(value) }),
    unigram: (value: number) => say(w.plot.unigram, { value: hundredths(value) }),
    words: (step: number, values: readonly (readonly [string, number])[]) =>
      [
        say(w.plot.words.step, { step: integer(step) }),
        ...values.map(([name, value]) => say(w.plot.words.value, { name, value: hundredths(value) })),
      ].join(w.plot.words.and),
  },
  sample: { ...w.sample, at: (step: number) => say(w.sample.at, { step: integer(step) }) },
  batch: {
    ...w.batch,
    row: (row: number, masked: number, of: number) =>
      say(w.batch.row, { row: integer(row), masked: integer(masked), of: integer(of) }),
    plain: (row: number) => say(w.batch.plain, { row: integer(row) }),
  },
  recorded: {
    ...w.recorded,
    repeat: (run: string) => say(w.recorded.repeat, { run }),
    size: (runs: number, steps: number) =>
      say(w.recorded.size, { runs: counted(runs, w.recorded.runs), steps: integer(steps) }),
    going: (at: number, of: number) => say(w.recorded.going, { at: integer(at), of: integer(of) }),
    left: (seconds: number) => say(w.recorded.left, { time: about(seconds) }),
    wrote: (run: string) => say(w.recorded.wrote, { run }),
    /** A text of an experiment with its facts. */
    filled: (text: string, facts: Facts) => say(text, facts),
  },
  runs: {
    ...w.runs,
    about: (step: number, of: number, date: Date) =>
      say(w.runs.about, { step: integer(step), of: integer(of), date: day(date) }),
    heldOut: (nelbo: number) => say(w.runs.heldOut, { nelbo: hundredths(nelbo) }),
    of: (what: string, name: string) => say(w.runs.of, { what, name }),
  },
  defaultName: (count: number) => say(w.defaultName, { count }),
});
