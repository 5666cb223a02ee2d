/**
 * Texts of a comparison: written by a masked-diffusion model or by an autoregressive one, the judge, with every pass really
 * made and timed, and judged by the latter. The page's jobs and `npm run frontier` both come here.
 */

import { endIds } from '../checkpoint/end-ids.ts';
import type { Tokenizer } from '../checkpoint/model.ts';
import { canvasFor, openingOf } from '../checkpoint/prompt.ts';
import { type Canvas, continueCanvas, copyCanvas, isOpen, slotAt } from '../diffusion/canvas.ts';
import { neverDrawn } from '../diffusion/ends.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { generate, generateTogether } from '../diffusion/generate.ts';
import { autoregressive } from '../diffusion/processes/autoregressive.ts';
import { applyStep } from '../diffusion/replay.ts';
import type { Settings } from '../diffusion/settings.ts';
import type { Step } from '../diffusion/trace.ts';
import { warmUp } from '../diffusion/warm-up.ts';
import { said } from '../text/said.ts';
import type { Loaded, Models } from './models.ts';
import type { ComparedRun, Written } from './protocol.ts';

export interface OpenRun {
  readonly settings: Settings;
  readonly start: Canvas;
  /** undefined when the model has no mask token. */
  readonly maskId: number | undefined;
  /** The model that writes. */
  readonly loaded: Loaded;
  /** One pass on a canvas of this size with other words, so that nothing is compiled while the clock runs. */
  warmUp(): Promise<void>;
  steps(signal?: AbortSignal): AsyncGenerator<Step, void>;
}

/** Throws `UnmaskError`: `checkpoint` when a model is missing, `canvas` when the text does not fit, `device`. */
export function openRun(models: Models, { writer, settings }: ComparedRun): OpenRun {
  return writer === 'set'
    ? openDiffusion(models.require('main'), settings)
    : openAutoregression(models.require('judge'), settings);
}

function openDiffusion(loaded: Loaded, settings: Settings): OpenRun {
  const { model, network } = loaded;
  if (network.info.causal) throw appendsItself(model.id);
  const start = canvasFor(settings, model.tokenizer, model.arch, model.chatTemplate);
  return {
    settings,
    start,
    maskId: network.info.maskId,
    loaded,
    warmUp: () => warmUp(network, start.ids.length),
    steps: (signal) => generate(network, start, settings, { signal, fresh: true }),
  };
}

function openAutoregression(loaded: Loaded, settings: Settings): OpenRun {
  const { model, network } = loaded;
  const { causal, maskId, maxLength } = network.info;
  if (!causal) throw notCausal(model.id);
  const prompt = model.tokenizer.encode(settings.prompt);
  const before = openingOf(model, prompt);
  if (before.length + prompt.length === 0) throw nothingBefore();
  const length = before.length + prompt.length + settings.length;
  if (length > maxLength) throw tooLong(length, maxLength);
  const start = continueCanvas(prompt, settings.length, maskId);
  return {
    settings,
    start,
    maskId,
    loaded,
    warmUp: () => warmUp(network, length),
    steps: (signal) =>
      generate(network, start, settings, {
        process: autoregressive({
          before,
          ends: network.info.endIds,
          suppress: [...(maskId === undefined ? [] : [maskId]), ...neverDrawn(network.info, settings)],
        }),
        signal,
      }),
  };
}

interface WriteOptions {
  readonly judge: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Sees every step of run number `run`. */
  readonly onStep?: (run: number, step: Step) => Promise<void> | void;
}

/** Writes a run to its end; undefined when aborted. */
export async function writeAlone(models: Models, run: OpenRun, options: WriteOptions): Promise<Written | undefined> {
  const [written] = (await write(models, [run], stepsOf(run, options.signal), options)) ?? [];
  return written;
}

/** Writes runs of the masked-diffusion model that advance together, each step of all of them one batch; undefined when aborted. */
export function writeTogether(
  models: Models,
  runs: readonly OpenRun[],
  options: WriteOptions,
): Promise<Written[] | undefined> {
  const { network } = models.require('main');
  const beginnings = runs.map(({ start, settings }) => ({ canvas: start, settings }));
  return write(models, runs, generateTogether(network, beginnings, { signal: options.signal, fresh: true }), options);
}

async function* stepsOf(run: OpenRun, signal: AbortSignal | undefined) {
  for await (const step of run.steps(signal)) yield { run: 0, step };
}

async function write(
  models: Models,
  runs: readonly OpenRun[],
  all: AsyncIterable<{ readonly run: number; readonly step: Step }>,
  { judge, signal, onStep }: WriteOptions,
): Promise<Written[] | undefined> {
  const canvases = runs.map(({ start }) => copyCanvas(start));
  const took = runs.map(() => ({ steps: 0, forwards: 0, milliseconds: 0 }));
  for await (const { run, step } of all) {
    const own = took[run] as (typeof took)[number];
    canvases[run] = applyStep(canvases[run] as Canvas, step, runs[run]?.maskId);
    own.steps++;
    own.forwards += step.forwards;
    own.milliseconds += step.milliseconds;
    await onStep?.(run, step);
  }
  if (signal?.aborted) return undefined;
  const texts = runs.map((run, at) => readOut(run, canvases[at] as Canvas));
  const logProbs = judge ? await judged(models.require('judge'), texts) : [];
  return texts.map(({ ids, text, written }, at) => ({
    ids,
    text,
    logProbs: logProbs[at] ?? [],
    ...(took[at] as (typeof took)[number]),
    written,
  }));
}

interface Token {
  readonly id: number;
  /** In a slot that was open at the start, or that came; all of a text that was edited. */
  readonly isNew: boolean;
}

/** A finished text, up to the first new token that ends it. */
interface Text {
  readonly prompt: string;
  readonly tokens: readonly Token[];
  /** The new tokens, and what they say. */
  readonly ids: readonly number[];
  readonly text: string;
  /** How many new tokens there are in all. */
  readonly written: number;
}

function readOut({ start, loaded, settings }: OpenRun, canvas: Canvas): Text {
  const { ids, states } = canvas;
  const edited = settings.mode === 'edit';
  const wasOpen = (place: number) => {
    const state = start.states[slotAt(canvas, place)];
    return state === undefined || isOpen(state);
  };
  const all = Array.from(ids, (id, place) => ({ id, place, isNew: edited || wasOpen(place) }));
  // What begins an edited text is of its model; the judge has a beginning of its own.
  const own = edited ? openingOf(loaded.model, [...start.ids]) : [];
  const closed = all.filter(({ id, place }) => !isOpen(states[place] as number) && !own.includes(id));
  const ends = endsOf(loaded);
  const end = closed.findIndex(({ id, isNew }) => isNew && ends.includes(id));
  const tokens = end < 0 ? closed : closed.slice(0, end);
  const fresh = tokens.filter(({ isNew }) => isNew).map(({ id }) => id);
  return {
    prompt: edited ? '' : settings.prompt,
    tokens,
    ids: fresh,
    text: loaded.model.tokenizer.decode(fresh),
    written: closed.filter(({ isNew }) => isNew).length,
  };
}

/**
 * log p of the new tokens of each text under the judge, given its opening token and what stands before each; all in one
 * batch. When the writer's ids mean something else to the judge, the text is cut anew by the judge's tokenizer, as is usual
 * for generative perplexity.
 */
async function judged(judge: Loaded, texts: readonly Text[]): Promise<number[][]> {
  const { network, model } = judge;
  if (!network.info.causal) throw notCausal(model.id);
  const questions = texts.map(({ prompt, tokens, ids, text }) => {
    const before = openingOf(model, model.tokenizer.encode(prompt));
    const read = model.tokenizer.decode(ids) === text ? tokens : cutAnew(model.tokenizer, prompt, text);
    const sequence = Int32Array.from([...before, ...read.map(({ id }) => id)]);
    // The first token of a text has no probability when nothing stands before it.
    const asked = read.flatMap(({ isNew }, at) => (isNew && at + before.length > 0 ? [at + before.length] : []));
    return { ids: sequence, asked: Int32Array.from(asked) };
  });
  const scores: number[][] = texts.map(() => []);
  const places = questions.flatMap(({ asked }, at) => (asked.length > 0 ? [at] : []));
  const batch = places.map((at) => questions[at] as (typeof questions)[number]);
  const targets = batch.map(({ ids, asked }) => asked.map((slot) => ids[slot] as number));
  const answers = batch.length === 0 ? [] : await network.score(batch, targets);
  places.forEach((at, i) => {
    scores[at] = [...(answers[i] as Float32Array)];
  });
  return scores;
}

function cutAnew(tokenizer: Tokenizer, prompt: string, text: string): Token[] {
  const given = tokenizer.encode(prompt).length;
  return tokenizer.encode(prompt + text).map((id, at) => ({ id, isNew: at >= given }));
}

/** A masked model's text is cut where a separator stands, too. */
function endsOf({ model: { arch } }: Loaded): readonly number[] {
  const { sep } = arch.ids;
  return [...endIds(arch), ...(sep === undefined ? [] : [sep])];
}

/** Throws `UnmaskError` code `device` when the two models run on different arithmetic, whose times mean nothing together. */
export function checkSameArithmetic(models: Models): void {
  const [main, judge] = [models.require('main').network.backend, models.require('judge').network.backend];
  if (main === judge) return;
  throw new UnmaskError({
    code: 'device',
    message: said`One model runs on ${main} and its judge on ${judge} now, so their times cannot be compared.`,
    remedy: 'Load the models again.',
  });
}

function notCausal(id: string): UnmaskError {
  const message = said`The model "${id}" does not write from left to right.`;
  return new UnmaskError({ code: 'checkpoint', message, remedy: 'Load stories-ar, or another causal model.' });
}

function appendsItself(id: string): UnmaskError {
  const message = said`The model "${id}" writes from left to right itself, so there is no masked model to compare with.`;
  return new UnmaskError({ code: 'checkpoint', message, remedy: 'Load a masked model, such as stories.' });
}

function nothingBefore(): UnmaskError {
  const message = 'There is nothing to go on from: this model has no token that begins a text.';
  return new UnmaskError({ code: 'canvas', message, remedy: 'Write a prompt.' });
}

function tooLong(length: number, most: number): UnmaskError {
  const message = said`Prompt and new text have ${length} tokens together, but this model reads at most ${most}.`;
  return new UnmaskError({ code: 'canvas', message, remedy: 'Shorten the prompt or ask for fewer tokens.' });
}
