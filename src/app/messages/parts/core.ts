/** What every view shares, and the Generate view. */
import {
  day,
  decimal,
  duration,
  form,
  inSeconds,
  integer,
  megabytes,
  percent,
  say,
  sentences,
  short,
} from '../format.ts';
import { told } from '../told.ts';
import { keptWords, masks, slots, steps, tokens } from '../units.ts';
import type { Words } from '../words.ts';

type StepCount = 'written' | 'replaced' | 'maskedAgain' | 'inserted' | 'removed';

export const core = (w: Words['core']) => ({
  ...w,
  badge: { ...w.badge, help: (date: Date) => say(w.badge.help, { date: day(date) }) },
  explainMark: { ...w.explainMark, about: (name: string) => say(w.explainMark.about, { name }) },
  trainingLine: {
    ...w.trainingLine,
    learning: (name: string, step: number, of: number) =>
      say(w.trainingLine.learning, { name, step: integer(step), of: integer(of) }),
  },
  header: {
    ...w.header,
    model: (name: string, parameters: number) => say(w.header.model, { name, parameters: short(parameters) }),
    openModels: (what: string) => say(w.header.openModels, { what }),
    modelWaiting: (name: string) => say(w.header.modelWaiting, { name }),
    modelFailed: (name: string) => say(w.header.modelFailed, { name }),
    download: (name: string, loaded: number, total: number) =>
      total === 0
        ? say(w.header.downloadOfUnknown, { name, loaded: megabytes(loaded) })
        : say(w.header.download, { name, loaded: megabytes(loaded), total: megabytes(total) }),
    upload: (name: string) => say(w.header.upload, { name }),
    compile: (name: string) => say(w.header.compile, { name }),
    measure: (name: string) => say(w.header.measure, { name }),
    loading: (name: string) => say(w.header.loading, { name }),
    /** What the fallback says of itself names its backend already. */
    deviceName: (backend: string, device: string) =>
      device.includes(backend)
        ? told(device)
        : device
          ? say(w.header.deviceName, { backend, device: told(device) })
          : backend,
    deviceIs: (facts: string) => say(w.header.deviceIs, { title: w.header.device, facts }),
    backends: w.header.backends as Record<string, string>,
  },
  controls: {
    ...w.controls,
    /** Where nothing is written behind the text, it alone is too long. */
    tooLong: (prompt: number, length: number, most: number, model: string) =>
      say(length === 0 ? w.controls.textTooLong : w.controls.tooLong, {
        tokens: tokens(prompt),
        length: integer(length),
        model,
        most: integer(most),
      }),
    leftOut: (n: number, most: number) => say(w.controls.leftOut, { n: integer(n), most: integer(most) }),
    changedCount: (n: number) => say(w.controls.changedCount, { n: integer(n) }),
    perStep: (perStep: number) =>
      perStep <= 1 ? w.controls.perStep.one : say(w.controls.perStep.several, { perStep: decimal(perStep) }),
    asMadeHelp: (source: string) => say(w.controls.asMadeHelp, { source }),
    cannotFill: (model: string) => say(w.controls.cannotFill, { model }),
    fillHelp: (mask: string) => say(w.controls.fillHelp, { mask }),
    noMasks: (mask: string) => say(w.controls.noMasks, { mask }),
    otherModel: (asked: string, used: string) => say(w.controls.otherModel, { asked, used }),
    randomBlocks: (n: number) => say(w.controls.randomBlocks, { n: integer(n) }),
    hungModel: (asked: string, used: string) => say(w.controls.hungModel, { asked, used }),
    weak: {
      said: (milliseconds: number, count: number) =>
        say(w.controls.weak.said, { time: inSeconds(decimal(milliseconds / 1000)), steps: steps(count) }),
      usual: (count: number, milliseconds: number) =>
        say(w.controls.weak.usual, { steps: steps(count), time: duration((count * milliseconds) / 1000) }),
    },
  },
  schedule: {
    ...w.schedule,
    blockTitle: (block: number, blocks: number) =>
      say(w.schedule.blockTitle, { block: integer(block + 1), blocks: integer(blocks) }),
    alt: (name: string, rate: string) => say(w.schedule.alt, { name, rate }),
    now: (planned: number) => say(w.schedule.now, { planned: percent(planned) }),
  },
  canvas: {
    ...w.canvas,
    slotLabel: (slot: number, word: string, state: string) =>
      say(w.canvas.slotLabel, { slot: integer(slot + 1), word, state }),
    written: (step: number, probability: string) => say(w.canvas.written, { step: integer(step), probability }),
  },
  sources: {
    ...w.sources,
    live: (device: string) => say(w.sources.live, { device }),
    learnt: (step: number) => say(w.sources.learnt, { step: integer(step) }),
    larger: (size: string, name: string) =>
      [say(w.sources.larger[0], { size }), say(w.sources.larger[1], { name })] as const,
  },
  time: {
    ...w.time,
    goOnHelp: (n: number) => say(w.time.goOnHelp, { masks: masks(n) }),
    somethingElseHelp: (n: number) => say(w.time.somethingElseHelp, { tokens: tokens(n) }),
    rewriteRestHelp: (n: number) => say(w.time.rewriteRestHelp, { words: keptWords(n) }),
    speeds: (speed: number) => say(w.time.speeds, { speed }),
    step: (playhead: number, total: number) => say(w.time.step, { playhead: integer(playhead), total: integer(total) }),
    value: (playhead: number, total: number, share: number) =>
      say(w.time.value, { playhead: integer(playhead), total: integer(total), share: percent(share) }),
    passes: (n: number) => form(n, w.time.passes),
    masksLeft: (n: number) => form(n, w.time.masksLeft),
    measuredOn: (device: string) => say(w.time.measuredOn, { device }),
    finished: (tokenCount: number, stepCount: number) =>
      say(w.time.finished, { tokens: tokens(tokenCount), steps: steps(stepCount) }),
    stopped: (step: number) => say(w.time.stopped, { step: integer(step) }),
  },
  step: {
    ...w.step,
    title: (step: number) => say(w.step.title, { step: integer(step) }),
    start: (n: number) => say(w.step.start, { masks: masks(n) }),
    startLeft: (n: number) => say(w.step.startLeft, { masks: masks(n) }),
    did: (
      { written, replaced, maskedAgain, inserted, removed }: Readonly<Record<StepCount, number>>,
      left: number,
      edits = false,
    ) => {
      const { did } = w.step;
      return sentences(
        written > 0 && say(written === 1 ? did.wrote : did.wroteAtOnce, { tokens: tokens(written) }),
        replaced > 0 && say(did.replaced, { tokens: tokens(replaced) }),
        maskedAgain > 0 && say(did.masked, { tokens: tokens(maskedAgain) }),
        inserted > 0 && say(did.inserted, { tokens: tokens(inserted) }),
        removed > 0 && say(did.removed, { tokens: tokens(removed) }),
        written + replaced + maskedAgain + inserted + removed === 0 && did.nothing,
        !edits && say(did.left, { masks: masks(left) }),
        written + replaced + inserted > 0 && did.sure,
      );
    },
    row: (slot: string, word: string, probability: string) => say(w.step.row, { slot, word, probability }),
    others: (n: number) => say(w.step.others, { n: integer(n) }),
  },
  inspector: {
    ...w.inspector,
    slot: (slot: number) => say(w.inspector.slot, { slot: integer(slot + 1) }),
    nats: (value: string) => say(w.inspector.nats, { value }),
    use: (word: string) => say(w.inspector.use, { word }),
    guessesAlt: (from: string, to: string) => say(w.inspector.guessesAlt, { from, to }),
    changedMind: (word: string, step: number) => say(w.inspector.changedMind, { word, step: integer(step) }),
    branchHelp: (step: number) => say(w.inspector.branchHelp, { step: integer(step) }),
    editSeveral: (n: number, replaced: string) =>
      say(w.inspector.editSeveral, { tokens: tokens(n), slots: slots(n), replaced }),
    editTooLong: (n: number, room: number) => say(w.inspector.editTooLong, { tokens: tokens(n), slots: slots(room) }),
  },
  errors: { ...w.errors, otherModel: (made: string, loaded: string) => say(w.errors.otherModel, { made, loaded }) },
});
