/** What the Compare view says. */
import { about, counted, day, hundredths, integer, say, significant, size } from '../format.ts';
import { told } from '../told.ts';
import { texts, tokens } from '../units.ts';
import type { Words } from '../words.ts';

/** "340 ms" or "1.24 s": SI units, which read alike in every language of the page. */
const seconds = (milliseconds: number) =>
  milliseconds < 1000 ? `${integer(Math.round(milliseconds))} ms` : `${hundredths(milliseconds / 1000)} s`;

export const compare = (w: Words['compare']) => ({
  ...w,
  times: (factor: number) => say(w.times, { factor }),
  seconds,
  stepsMade: (n: number) => say(w.stepsMade, { n: integer(n) }),
  sameDevice: (device: string) => say(w.sameDevice, { device }),
  race: {
    ...w.race,
    setHelp: (width: number) => say(w.race.setHelp, { tokens: tokens(width) }),
    setRow: (width: number) => say(w.race.setRow, { width: integer(width) }),
    untold: {
      middle: (words: string) => say(w.race.untold.middle, { words }),
      ending: (words: string) => say(w.race.untold.ending, { words }),
    },
    recorded: (device: string) => say(w.race.recorded, { device: told(device) }),
    said: (append: number, set: number) => say(w.race.said, { append: seconds(append), set: seconds(set) }),
    columns: w.race.columns as readonly (readonly [string, string])[],
    stepColumns: w.race.stepColumns as readonly string[],
  },
  gpt2: {
    ...w.gpt2,
    found: (id: string) => say(w.gpt2.found, { id }),
    choice: (format: string, bytes: number) => say(w.gpt2.choice, { format, bytes: size(bytes) }),
    download: (bytes: number) => say(w.gpt2.download, { bytes: size(bytes) }),
    begun: (id: string, have: number, bytes: number) => say(w.gpt2.begun, { have: size(have), bytes: size(bytes), id }),
    here: (id: string, format: string, bytes: number) => say(w.gpt2.here, { id, format, bytes: size(bytes) }),
    setHelp: (model: string, width: number) => say(w.gpt2.setHelp, { model, tokens: tokens(width) }),
    devices: (set: string, append: string) => say(append ? w.gpt2.devices.both : w.gpt2.devices.one, { set, append }),
    columns: w.gpt2.columns as readonly (readonly [string, string])[],
  },
  own: {
    ...w.own,
    row: (model: string) => say(w.own.row, { model }),
    absent: (model: string) => say(w.own.absent, { model }),
    mainAppends: (model: string) => say(w.own.mainAppends, { model }),
  },
  samplers: {
    ...w.samplers,
    remove: (name: string) => say(w.samplers.remove, { name }),
    column: (n: number) => say(w.samplers.column, { n: integer(n) }),
  },
  frontier: {
    ...w.frontier,
    measuredBy: (facts: {
      measured: string;
      length: number;
      texts: number;
      prompts: number;
      temperature: number;
      topP: number;
      device: string;
    }) =>
      say(w.frontier.measuredBy.text, {
        measured: day(new Date(facts.measured)),
        device: told(facts.device),
        texts: texts(facts.texts),
        tokens: tokens(facts.length),
        prompts: counted(facts.prompts, w.frontier.measuredBy.prompts),
        temperature: facts.temperature,
        topP: facts.topP,
      }),
    halved: (
      points: readonly { readonly passes: number; readonly milliseconds: number; readonly perplexity: number }[],
    ) =>
      say(w.frontier.halved, {
        passes: points.map(({ passes }) => integer(passes)).join(' / '),
        times: points.map(({ milliseconds }) => seconds(milliseconds)).join(' / '),
        perplexities: points.map(({ perplexity }) => hundredths(perplexity)).join(' / '),
      }),
    computedHere: (device: string) =>
      say(device ? w.frontier.computedHere.on : w.frontier.computedHere.here, { device: told(device) }),
    series: (n: number) => counted(n, w.frontier.series),
    start: (n: number) => say(w.frontier.start, { texts: texts(n) }),
    goOn: (n: number) => say(w.frontier.goOn, { texts: texts(n) }),
    complete: (n: number) => say(w.frontier.complete, { texts: texts(n) }),
    progress: (done: number, total: number) => say(w.frontier.progress, { done: integer(done), texts: texts(total) }),
    left: (milliseconds: number) => say(w.frontier.left, { time: about(milliseconds / 1000) }),
    passes: (n: string) => say(w.frontier.passes, { n }),
    knob: (name: string, value: number) => say(w.frontier.knob, { name, value: significant(value) }),
    point: (point: string, measure: string, value: string) => say(w.frontier.point, { point, measure, value }),
    inBlocks: (name: string, block: number) => say(w.frontier.inBlocks, { name, block: integer(block) }),
    between: (value: string, low: string, high: string) => say(w.frontier.between, { value, low, high }),
    tableColumns: w.frontier.tableColumns as readonly string[],
    textsOf: (name: string, passes: string) => say(w.frontier.textsOf, { name, passes }),
    textFacts: (seed: number, perplexity: string) => say(w.frontier.textFacts, { seed: integer(seed), perplexity }),
  },
});
