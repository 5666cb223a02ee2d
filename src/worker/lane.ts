/**
 * One text of a comparison: written by a masked-diffusion model or by its autoregressive twin, with every pass really
 * made and timed, and judged by the twin. The page's jobs and `npm run frontier` both come here.
 */
import type { Tokenizer } from '../checkpoint/model.ts';
import { canvasFor } from '../checkpoint/prompt.ts';
import { autoregress } from '../diffusion/autoregress.ts';
import { type Canvas, continueCanvas, copyCanvas, isOpen } from '../diffusion/canvas.ts';
import type { Denoiser } from '../diffusion/denoiser.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { generate } from '../diffusion/generate.ts';
import { writeStep } from '../diffusion/replay.ts';
import type { Step } from '../diffusion/trace.ts';
import type { Loaded, Models } from './models.ts';
import type { Lane, Written } from './protocol.ts';

export interface OpenLane {
  readonly start: Canvas;
  /** The id of its open slots. */
  readonly maskId: number;
  /** The model that writes. */
  readonly loaded: Loaded;
  /** One pass on a canvas of this size with other words, so that nothing is compiled while the clock runs. */
  warmUp(): Promise<void>;
  steps(signal?: AbortSignal): AsyncGenerator<Step, void>;
}

/** Throws `UnmaskError`: `checkpoint` when a model is missing, `canvas` when the text does not fit, `device`. */
export function openLane(models: Models, lane: Lane): OpenLane {
  return lane.writer === 'set' ? setLane(models.require('main'), lane) : appendLane(models.require('twin'), lane);
}

function setLane(loaded: Loaded, { settings }: Lane): OpenLane {
  const { model } = loaded;
  const start = canvasFor(settings, model.tokenizer, model.arch, model.chatTemplate);
  const denoiser = fresh(loaded.denoiser);
  return {
    start,
    maskId: denoiser.maskId,
    loaded,
    async warmUp() {
      const ids = new Int32Array(start.ids.length).fill(0);
      const slots = Int32Array.from(ids.keys());
      await denoiser.predict({ ids, slots, topK: 1, draw: { seed: 0, step: 0, temperature: 1 } });
    },
    steps: (signal) => generate(denoiser, start, settings, { signal }),
  };
}

function appendLane(loaded: Loaded, { settings }: Lane): OpenLane {
  const { model, autoregressor: writer } = loaded;
  if (writer === undefined) throw notCausal(model.id);
  const before = opening(loaded);
  const maskId = model.arch.ids.mask ?? -1;
  const prompt = model.tokenizer.encode(settings.prompt);
  const length = before.length + prompt.length + settings.length;
  if (length > writer.maxLength) throw tooLong(length, writer.maxLength);
  const start = continueCanvas(prompt, settings.length, maskId);
  return {
    start,
    maskId,
    loaded,
    async warmUp() {
      const draw = { seed: 0, step: 0, temperature: 1 };
      for (const tokens of [length, 1]) await writer.next({ ids: new Int32Array(tokens).fill(0), draw, topK: 1 });
    },
    steps: (signal) =>
      autoregress(writer, start, settings, {
        before,
        ends: endsOf(loaded),
        suppress: maskId < 0 ? [] : [maskId],
        signal,
      }),
  };
}

/** Writes a lane to its end, or until aborted; `onStep` sees every step. */
export async function writeLane(
  models: Models,
  open: OpenLane,
  lane: Lane,
  options: { judge: boolean; signal?: AbortSignal; onStep?: (step: Step) => Promise<void> | void },
): Promise<Written | undefined> {
  const canvas = copyCanvas(open.start);
  const took = { steps: 0, forwards: 0, milliseconds: 0 };
  for await (const step of open.steps(options.signal)) {
    writeStep(canvas, step, open.maskId);
    took.steps++;
    took.forwards += step.forwards;
    took.milliseconds += step.milliseconds;
    await options.onStep?.(step);
  }
  if (options.signal?.aborted) return undefined;
  const { tokens, written } = readOut(open, canvas);
  const ids = tokens.filter(({ isNew }) => isNew).map(({ id }) => id);
  const text = open.loaded.model.tokenizer.decode(ids);
  const logProbs = options.judge ? await judge(models.require('twin'), lane, tokens, text) : [];
  return { ids, text, logProbs, ...took, written };
}

interface Token {
  readonly id: number;
  /** In a slot that was open at the start. */
  readonly isNew: boolean;
}

/** The text of a canvas up to the first new token that ends it, and how many new tokens there are in all. */
function readOut({ start, loaded }: OpenLane, { ids, states }: Canvas): { tokens: Token[]; written: number } {
  const all = Array.from(ids, (id, slot) => ({ id, slot, isNew: isOpen(start.states[slot] as number) }));
  const tokens = all.filter(({ slot }) => !isOpen(states[slot] as number));
  const ends = endsOf(loaded);
  const end = tokens.findIndex(({ id, isNew }) => isNew && ends.includes(id));
  return { tokens: end < 0 ? tokens : tokens.slice(0, end), written: tokens.filter(({ isNew }) => isNew).length };
}

/**
 * log p of the new tokens under the twin, given its opening token and what stands before each. When the writer's ids mean
 * something else to the twin, the text is cut anew by the twin's tokenizer, as is usual for generative perplexity.
 */
async function judge(twin: Loaded, lane: Lane, tokens: readonly Token[], text: string): Promise<number[]> {
  const { autoregressor, model } = twin;
  if (autoregressor === undefined) throw notCausal(model.id);
  const ids = tokens.filter(({ isNew }) => isNew).map(({ id }) => id);
  const { prompt } = lane.settings;
  const read = model.tokenizer.decode(ids) === text ? tokens : cutAnew(model.tokenizer, prompt, text);
  const before = opening(twin);
  const sequence = Int32Array.from([...before, ...read.map(({ id }) => id)]);
  if (sequence.length < 2 || !read.some(({ isNew }) => isNew)) return [];
  const scores = await autoregressor.score(sequence);
  // The first token of a text has no probability when nothing stands before it.
  return read.flatMap(({ isNew }, at) =>
    isNew && at + before.length > 0 ? [scores[at + before.length - 1] as number] : [],
  );
}

function cutAnew(tokenizer: Tokenizer, prompt: string, text: string): Token[] {
  const given = tokenizer.encode(prompt).length;
  return tokenizer.encode(prompt + text).map((id, at) => ({ id, isNew: at >= given }));
}

/** A denoiser that answers nothing from memory: what is compared is what the passes take. */
function fresh(denoiser: Denoiser): Denoiser {
  const { vocabSize, maskId, maxLength, endIds = [] } = denoiser;
  return {
    vocabSize,
    maskId,
    maxLength,
    endIds,
    predict: (request) => denoiser.predict(request.reuse === undefined ? { ...request, fresh: true } : request),
  };
}

/** What stands before a text: [CLS], or what the model calls the beginning of a sequence. */
function opening({ model }: Loaded): number[] {
  const first = model.arch.ids.cls ?? model.arch.ids.bos;
  return first === undefined ? [] : [first];
}

function endsOf({ model }: Loaded): number[] {
  const { sep, eos, pad } = model.arch.ids;
  return [sep, eos, pad].filter((id) => id !== undefined);
}

/** Throws `UnmaskError` code `device` when the two models run on different arithmetic, whose times mean nothing together. */
export function checkSameArithmetic(models: Models): void {
  const [main, twin] = [models.require('main').denoiser.backend, models.require('twin').denoiser.backend];
  if (main === twin) return;
  throw new UnmaskError({
    code: 'device',
    message: `One model runs on ${main} and its twin on ${twin} now, so their times cannot be compared.`,
    remedy: 'Load the models again.',
  });
}

function notCausal(id: string): UnmaskError {
  const message = `The model "${id}" does not write from left to right.`;
  return new UnmaskError({ code: 'checkpoint', message, remedy: 'Load stories-ar, or another causal model.' });
}

function tooLong(length: number, most: number): UnmaskError {
  const message = `Prompt and new text have ${length} tokens together, but this model reads at most ${most}.`;
  return new UnmaskError({ code: 'canvas', message, remedy: 'Shorten the prompt or ask for fewer tokens.' });
}
