/**
 * Masked diffusion: predict the open slots, choose which to write, repeat. With default settings it is dLLM's MDLM sampler
 * (dllm/core/samplers/mdlm.py), itself LLaDA's generate.py (arXiv 2502.09992), step by step; where it stops short of the
 * letter, and how `exact` restores it, is said in `blocks.ts`.
 */
import { advance, type Turn as BlockTurn, type Layout, layoutOf, nextTurn } from '../blocks.ts';
import { cacheFor } from '../cache.ts';
import { type Canvas, copyCanvas, openSlots, Slot, slotAt } from '../canvas.ts';
import { type Ending, endingOf, type FindEnding, firstOf, stepsAhead, stopsEarly } from '../early-stop.ts';
import { endsLast, neverDrawn } from '../ends.ts';
import { UnmaskError } from '../error.ts';
import { type NetworkInfo, NOTHING_ASKED, type Prediction, type Question, type Sequence } from '../network.ts';
import { applyOps, type Op } from '../ops.ts';
import type { Choice, Process, State, Turn } from '../process.ts';
import { noteLogProbs } from '../replay.ts';
import type { LookAhead, Sampler, Choice as SamplerChoice, Situation } from '../sampler.ts';
import { SAMPLER_TABLE } from '../samplers/index.ts';
import type { Settings } from '../settings.ts';
import type { Cursor } from '../trace.ts';
import { alternativesKept, truncate, truncates } from '../truncate.ts';

/** The network reads the whole canvas, both ways. */
export const masked: Process = bySampler('masked', {
  layout: layoutOf,
  read: ({ canvas, slots, block, layout, settings, info }) => {
    const cache = cacheFor(canvas, slots, block, layout, settings, info);
    // A copy, because the network may keep what it was asked.
    return { ids: canvas.ids.slice(), ...(cache && { cache }) };
  },
  stopsEarly,
  isOver: () => true,
});

export type MaskedInfo = NetworkInfo & { readonly maskId: number };

/** What a step asks for, and where. */
export interface Reading {
  readonly canvas: Canvas;
  readonly slots: Int32Array;
  readonly block: number;
  readonly layout: Layout;
  readonly settings: Settings;
  readonly info: MaskedInfo;
}

/** What processes that write by a sampler and a plan do each in its own way. */
export interface Manner {
  layout(canvas: Canvas, settings: Settings): Layout;
  /** What the network reads of the canvas. */
  read(reading: Reading): Pick<Sequence, 'ids' | 'sees' | 'cache'>;
  /** Whether a text that has ended is left as it is. */
  stopsEarly(settings: Settings, sampler: Sampler): boolean;
  /** Whether it is left at once, where nothing before its end is open. */
  isOver(canvas: Canvas, layout: Layout, end: Ending): boolean;
}

/** A process whose steps are those of the settings' sampler and schedule. Its network has a mask token. */
export function bySampler(name: Process['name'], manner: Manner): Process {
  return {
    name,
    begin(info, canvas, settings, from) {
      const { maskId } = info;
      if (maskId === undefined) throw withoutMask();
      const sampler = SAMPLER_TABLE[settings.sampler];
      const find = manner.stopsEarly(settings, sampler) ? (from.ending ?? firstOf(info.endIds)) : undefined;
      const run: Run = {
        manner,
        info: { ...info, maskId },
        settings,
        sampler,
        // A sampler with its own pace runs until no mask is left, which the letter, where the mask may be drawn, cannot promise.
        exact: settings.exact && sampler.followsPlan && !sampler.revisits,
        layout: manner.layout(canvas, settings),
        fresh: from.fresh ?? false,
        find,
      };
      const logProbs = from.writtenLogProbs?.slice() ?? new Float32Array(canvas.ids.length).fill(Number.NaN);
      const cursor = from.cursor ?? { step: 0, block: 0, grid: 0 };
      return stateOf(run, { cursor, logProbs, ended: endingIn(run, canvas) !== undefined });
    },
  };
}

/** What stays as it is from the first step to the last. */
interface Run {
  readonly manner: Manner;
  readonly info: MaskedInfo;
  readonly settings: Settings;
  readonly sampler: Sampler;
  readonly exact: boolean;
  readonly layout: Layout;
  readonly fresh: boolean;
  readonly find: FindEnding | undefined;
}

interface Moment {
  readonly cursor: Cursor;
  readonly logProbs: Float32Array;
  readonly ended: boolean;
}

function stateOf(run: Run, moment: Moment): State {
  return { turn: (canvas) => (moment.ended ? undefined : turnOf(run, moment, canvas)) };
}

function turnOf(run: Run, { cursor, logProbs }: Moment, canvas: Canvas): Turn | undefined {
  const { layout, settings, sampler } = run;
  const block = nextTurn(canvas, layout, cursor, settings, run.exact, sampler);
  if (block === undefined) return undefined;
  const situation = { ...block, canvas, layout, settings, step: cursor.step, writtenLogProbs: logProbs };
  const slots = Int32Array.from(sampler.asks?.(situation) ?? situation.candidates);
  if (slots.length === 0) return { asks: 'nothing', choose: () => choose(run, situation, undefined) };
  return {
    asks: 'tokens',
    question: ask(run, situation, slots),
    choose: (answer) =>
      sampler.ahead ? lookAhead(run, situation, answer, sampler.ahead) : choose(run, situation, answer),
  };
}

/** Proposes, asks what would follow from each proposal, and takes the best: one step. */
function lookAhead(run: Run, situation: Situation & BlockTurn, answer: Prediction, ahead: LookAhead): Choice {
  const { info, settings, manner, layout, fresh } = run;
  const { canvas, step, block } = situation;
  const prediction = truncate(answer, settings, step);
  const choices = ahead.propose(situation, endsLast(prediction, info, settings));
  const take = (at: number, passes: readonly Prediction[]) => {
    const sum = (of: (pass: Prediction) => number) => passes.reduce((total, pass) => total + of(pass), 0);
    const cost = { forwards: answer.forwards + sum((x) => x.forwards), rows: answer.rows + sum((x) => x.rows) };
    return choose(run, situation, { ...answer, ...cost }, choices[at]);
  };
  if (choices.length <= 1) return take(0, []);
  const questions: Question[] = [];
  const places = choices.map(({ reveal }) => {
    const ops = reveal.map(({ slot, id }): Op => ({ set: slotAt(canvas, slot), id }));
    const after = applyOps(copyCanvas(canvas), ops, info.maskId);
    const reading = { canvas: after, slots: Int32Array.from(situation.candidates), block, layout, settings, info };
    const read = manner.read(reading);
    const asked = Int32Array.from(openSlots(after)).filter((slot) => slot < read.ids.length);
    if (asked.length === 0) return undefined;
    const sequence = {
      ids: read.ids,
      ...(read.sees && { sees: read.sees }),
      asked,
      draw: { seed: settings.seed, step, temperature: 0 },
      ...guidanceFor(after, read.ids.length, info, settings),
    };
    const suppress = [info.maskId, ...neverDrawn(info, settings)];
    const options = { topK: 1, suppress, ...(fresh ? { fresh } : {}) };
    return questions.push({ sequence, options }) - 1;
  });
  const decide = (answers: readonly Prediction[]) => {
    const after = places.map((place) => (place === undefined ? undefined : answers[place]));
    return take(ahead.decide(prediction, choices, after), answers);
  };
  if (questions.length === 0) return decide([]);
  const state: State = { turn: () => ({ asks: 'several', questions, choose: decide }) };
  return { ops: [], answer, next: { step, block, grid: situation.grid }, state, pending: true };
}

function ask({ manner, info, settings, exact, fresh }: Run, situation: Situation, slots: Int32Array): Question {
  const { maskId, vocabSize } = info;
  const { canvas, step, block, layout } = situation;
  const suppress = [...(exact ? [] : [maskId]), ...neverDrawn(info, settings)];
  const read = manner.read({ canvas, slots, block, layout, settings, info });
  return {
    sequence: {
      ...read,
      asked: slots,
      // When truncating, the token is drawn afterwards from the kept alternatives, with the same noise.
      draw: { seed: settings.seed, step, temperature: truncates(settings) ? 0 : settings.temperature },
      ...guidanceFor(canvas, read.ids.length, info, settings),
    },
    options: {
      topK: alternativesKept(settings, vocabSize - suppress.length),
      ...(suppress.length > 0 ? { suppress } : {}),
      // The rows of a block are new in every step, and the pass around them is theirs to take from the cache.
      ...(fresh && read.cache === undefined ? { fresh } : {}),
    },
  };
}

function choose(
  run: Run,
  situation: Situation & BlockTurn,
  answer: Prediction | undefined,
  decided?: SamplerChoice,
): Choice {
  const { info, settings, sampler, layout } = run;
  const { canvas, step } = situation;
  const prediction = answer && truncate(answer, settings, step);
  const choice = decided ?? sampler.choose(situation, endsLast(prediction ?? NOTHING_ASKED, info, settings));
  const ops: Op[] = [
    // A drawn mask leaves its slot as it is; only `exact` runs draw it.
    ...choice.reveal
      .filter(({ id }) => id !== info.maskId)
      .map(({ slot, id }): Op => ({ set: slotAt(canvas, slot), id })),
    ...choice.remask.map((slot): Op => ({ mask: slotAt(canvas, slot) })),
  ];
  const after = applyOps(copyCanvas(canvas), ops, info.maskId);
  const logProbs = situation.writtenLogProbs.slice();
  noteLogProbs(logProbs, canvas, ops, prediction);
  const outcome = { idle: answer !== undefined && ops.length === 0, time: choice.time };
  const next = advance(after, layout, situation, step, run.exact, outcome);
  if (answer === undefined && ops.length === 0) {
    // Time went on, and that is no step.
    const cursor = { ...next, step };
    return { ops, answer, next: cursor, state: stateOf(run, { cursor, logProbs, ended: false }) };
  }
  const end = openSlots(after).length > 0 ? endingIn(run, after) : undefined;
  // How often a sampler that looks ahead asks depends on what it finds.
  const ahead = end && !sampler.ahead ? stepsAhead(after, layout, next, settings, sampler) : undefined;
  const saved = ahead && { saved: ahead.length * (settings.guidance > 0 ? 2 : 1) };
  return {
    ops,
    answer: prediction,
    next,
    state: stateOf(run, { cursor: next, logProbs, ended: end !== undefined }),
    ...(end === undefined ? {} : { ended: { ...end, ...saved } }),
  };
}

function endingIn({ find, layout, manner }: Run, canvas: Canvas): Ending | undefined {
  const end = find && endingOf(canvas, layout.start, find);
  return end && manner.isOver(canvas, layout, end) ? end : undefined;
}

function guidanceFor(canvas: Canvas, length: number, { maskId }: MaskedInfo, { guidance: scale }: Settings) {
  return scale > 0 ? { guidance: { unconditional: withoutPrompt(canvas, maskId).subarray(0, length), scale } } : {};
}

/** The canvas of the unconditional forward pass: given slots masked, everything written kept. */
function withoutPrompt(canvas: Canvas, maskId: number): Int32Array {
  return canvas.ids.map((id, slot) => (canvas.states[slot] === Slot.Given ? maskId : id));
}

function withoutMask(): UnmaskError {
  const message = 'This model has no mask token, so it cannot write on a canvas.';
  return new UnmaskError({ code: 'canvas', message, remedy: 'Choose a masked model, such as stories.' });
}
