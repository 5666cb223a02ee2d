/**
 * The generation loop of masked diffusion: predict the open slots, choose which to write, repeat. With default settings
 * it is dLLM's MDLM sampler (dllm/core/samplers/mdlm.py), itself LLaDA's generate.py (arXiv 2502.09992), step by step;
 * where it stops short of the letter, and how `exact` restores it, is said in `blocks.ts`.
 */
import { appending, autoregress } from './autoregress.ts';
import { advance, type Layout, layoutOf, nextTurn, type Turn } from './blocks.ts';
import { cacheFor } from './cache.ts';
import { type Canvas, copyCanvas, openSlots, Slot } from './canvas.ts';
import { endingOf, type FindEnding, firstOf, stepsAhead, stopsEarly } from './early-stop.ts';
import { endsLast, neverDrawn } from './ends.ts';
import { UnmaskError } from './error.ts';
import {
  blankPrediction,
  type Network,
  type NetworkInfo,
  type Prediction,
  predictAll,
  predictOne,
  type Question,
} from './network.ts';
import { noteLogProbs, writeStep } from './replay.ts';
import type { Sampler, Situation } from './sampler.ts';
import { SAMPLER_TABLE } from './samplers/index.ts';
import type { Settings } from './settings.ts';
import type { Cursor, Step } from './trace.ts';
import { alternativesKept, truncate, truncates } from './truncate.ts';

export interface GenerateOptions {
  /** Go on from here; on an unedited canvas the run continues bit for bit as if it had never stopped. */
  readonly cursor?: Cursor | undefined;
  /** What the run has noted so far (`writtenLogProbs` of `replay.ts`); to be given with the cursor. */
  readonly writtenLogProbs?: Float32Array | undefined;
  /** Stops before the next forward pass; the step in flight is still finished and yielded. */
  readonly signal?: AbortSignal | undefined;
  /** Finds where an answer ends, for the setting `earlyStop`; at the first of the network's end tokens when absent. */
  readonly ending?: FindEnding | undefined;
  /** Makes every pass anew, also over a canvas that the network remembers; for what is timed or counted. */
  readonly fresh?: boolean | undefined;
  /** Clock in milliseconds. */
  readonly now?: () => number;
}

/**
 * Yields each step as it is made and ends when nothing is left to write, or nothing that is needed (`earlyStop`).
 * `canvas` itself is not changed. A causal network writes the open slots from left to right (`autoregress.ts`). Throws
 * `UnmaskError` code `canvas` when any other network has no mask token, and what it throws.
 */
export async function* generate(
  network: Network,
  canvas: Canvas,
  settings: Settings,
  options: GenerateOptions = {},
): AsyncGenerator<Step, void> {
  if (network.info.causal) {
    yield* fromLeft(network, canvas, settings, options);
    return;
  }
  const { signal, now = () => performance.now() } = options;
  const run = new Run(network.info, canvas, settings, options);
  while (!signal?.aborted && run.goesOn()) {
    const began = now();
    const { question } = run;
    const prediction = question && (await predictOne(network, question.sequence, question.options));
    const step = run.write(prediction);
    if (step) yield { ...step, milliseconds: now() - began };
  }
}

/** What a causal network is asked: the next token, again and again. It never draws its mask token. */
function fromLeft(network: Network, canvas: Canvas, settings: Settings, options: GenerateOptions) {
  const { info } = network;
  const { cursor, signal, now } = options;
  const suppress = [...(info.maskId === undefined ? [] : [info.maskId]), ...neverDrawn(info, settings)];
  return autoregress(network, canvas, appending(settings), {
    ends: info.endIds,
    suppress,
    cursor,
    signal,
    ...(now && { now }),
  });
}

/** A run to be made beside others. */
export interface Beginning {
  readonly canvas: Canvas;
  readonly settings: Settings;
}

/**
 * The same for several canvases that advance together: what their next steps ask is one batch. Each has the steps that it
 * would have alone, but for their milliseconds: the time of a batch is shared out evenly among those who asked.
 */
export async function* generateTogether(
  network: Network,
  all: readonly Beginning[],
  options: Omit<GenerateOptions, 'cursor' | 'writtenLogProbs'> = {},
): AsyncGenerator<{ readonly run: number; readonly step: Step }, void> {
  const { signal, now = () => performance.now() } = options;
  const runs = all.map(({ canvas, settings }) => new Run(network.info, canvas, settings, options));
  for (;;) {
    const going = runs.filter((run) => run.goesOn());
    if (signal?.aborted || going.length === 0) return;
    const asking = going.filter(({ question }) => question !== undefined);
    const began = now();
    const answers = await predictAll(
      network,
      asking.map(({ question }) => question as Question),
    );
    const each = (now() - began) / Math.max(asking.length, 1);
    for (const run of going) {
      const at = asking.indexOf(run);
      const before = now();
      const step = run.write(answers[at]);
      const own = now() - before + (at < 0 ? 0 : each);
      if (step) yield { run: runs.indexOf(run), step: { ...step, milliseconds: own } };
    }
  }
}

/** One run between two answers: what it asks next, and what it makes of the answer. */
class Run {
  readonly #info: NetworkInfo & { readonly maskId: number };
  readonly #settings: Settings;
  readonly #sampler: Sampler;
  readonly #exact: boolean;
  readonly #layout: Layout;
  readonly #work: Canvas;
  readonly #logProbs: Float32Array;
  readonly #fresh: boolean;
  readonly #find: FindEnding | undefined;
  #cursor: Cursor;
  #situation: (Situation & Turn) | undefined;
  #question: Question | undefined;
  #ended: boolean;

  constructor(info: NetworkInfo, canvas: Canvas, settings: Settings, options: GenerateOptions) {
    const { maskId } = info;
    if (maskId === undefined) throw withoutMask();
    this.#info = { ...info, maskId };
    this.#settings = settings;
    this.#sampler = SAMPLER_TABLE[settings.sampler];
    // A sampler with its own pace runs until no mask is left, which the letter, where the mask may be drawn, cannot promise.
    this.#exact = settings.exact && this.#sampler.followsPlan && !this.#sampler.revisits;
    this.#work = copyCanvas(canvas);
    this.#logProbs = options.writtenLogProbs?.slice() ?? new Float32Array(canvas.ids.length).fill(Number.NaN);
    this.#layout = layoutOf(this.#work, settings);
    this.#fresh = options.fresh ?? false;
    this.#find = stopsEarly(settings, this.#sampler) ? (options.ending ?? firstOf(info.endIds)) : undefined;
    this.#cursor = options.cursor ?? { step: 0, block: 0, grid: 0 };
    this.#ended = this.#ending() !== undefined;
  }

  /** Whether there is another step, whose question then stands. */
  goesOn(): boolean {
    this.#situation = this.#ended ? undefined : this.#nextSituation();
    if (this.#situation === undefined) return false;
    const slots = Int32Array.from(this.#sampler.asks?.(this.#situation) ?? this.#situation.candidates);
    this.#question = slots.length === 0 ? undefined : this.#ask(this.#situation, slots);
    return true;
  }

  /** What the network is to be asked for the next step; undefined when that step needs no answer. */
  get question(): Question | undefined {
    return this.#question;
  }

  /** The step that follows from the answer; undefined where nothing was asked and nothing done. */
  write(answer: Prediction | undefined): Step | undefined {
    const situation = this.#situation as Situation & Turn;
    const settings = this.#settings;
    const { maskId } = this.#info;
    const index = situation.step;
    const asked = answer !== undefined;
    const prediction = asked
      ? truncate(answer, settings, index)
      : blankPrediction(new Int32Array(0), 0, { forwards: 0, rows: 0 });
    const choice = this.#sampler.choose(situation, endsLast(prediction, this.#info, settings));

    // A drawn mask leaves its slot as it is; only `exact` runs draw it.
    const written = choice.reveal.filter(({ id }) => id !== maskId);
    const change = {
      revealed: written.map(({ slot }) => slot),
      revealedIds: written.map(({ id }) => id),
      remasked: choice.remask,
    };
    writeStep(this.#work, change, maskId);
    noteLogProbs(this.#logProbs, { ...change, prediction });
    const changed = written.length + choice.remask.length > 0;
    const outcome = { idle: asked && !changed, time: choice.time };
    const next = advance(this.#work, this.#layout, situation, index, this.#exact, outcome);
    if (!asked && !changed) {
      // Time went on, and that is no step.
      this.#cursor = { ...next, step: index };
      return undefined;
    }
    this.#cursor = next;
    const end = openSlots(this.#work).length > 0 ? this.#ending() : undefined;
    this.#ended = end !== undefined;
    const ahead = end && stepsAhead(this.#work, this.#layout, next, settings, this.#sampler);
    const saved = ahead && { saved: ahead.length * (settings.guidance > 0 ? 2 : 1) };
    return {
      index,
      block: situation.block,
      quota: situation.quota,
      ...change,
      prediction,
      next,
      forwards: prediction.forwards,
      milliseconds: 0,
      ...(end === undefined ? {} : { ended: { ...end, ...saved } }),
    };
  }

  #nextSituation(): (Situation & Turn) | undefined {
    const turn = nextTurn(this.#work, this.#layout, this.#cursor, this.#settings, this.#exact, this.#sampler);
    return (
      turn && {
        ...turn,
        canvas: this.#work,
        layout: this.#layout,
        settings: this.#settings,
        step: this.#cursor.step,
        writtenLogProbs: this.#logProbs,
      }
    );
  }

  #ending() {
    return this.#find && endingOf(this.#work, this.#layout.start, this.#find);
  }

  #ask({ canvas, settings, step, block, layout }: Situation & Turn, asked: Int32Array): Question {
    const { maskId, vocabSize } = this.#info;
    const suppress = [...(this.#exact ? [] : [maskId]), ...neverDrawn(this.#info, settings)];
    const cache = cacheFor(canvas, asked, block, layout, settings, this.#info);
    // The rows of a block are new in every step, and the pass around them is theirs to take from the cache.
    const fresh = this.#fresh && cache === undefined;
    return {
      sequence: {
        // A copy, because the network may keep what it was asked.
        ids: canvas.ids.slice(),
        asked,
        // When truncating, the token is drawn afterwards from the kept alternatives, with the same noise.
        draw: { seed: settings.seed, step, temperature: truncates(settings) ? 0 : settings.temperature },
        ...(settings.guidance > 0
          ? { guidance: { unconditional: withoutPrompt(canvas, maskId), scale: settings.guidance } }
          : {}),
        ...(cache === undefined ? {} : { cache }),
      },
      options: {
        topK: alternativesKept(settings, vocabSize - suppress.length),
        ...(suppress.length > 0 ? { suppress } : {}),
        ...(fresh ? { fresh } : {}),
      },
    };
  }
}

/** The canvas of the unconditional forward pass: given slots masked, everything written kept. */
function withoutPrompt(canvas: Canvas, maskId: number): Int32Array {
  return canvas.ids.map((id, slot) => (canvas.states[slot] === Slot.Given ? maskId : id));
}

function withoutMask(): UnmaskError {
  const message = 'This model has no mask token, so it cannot write on a canvas.';
  return new UnmaskError({ code: 'canvas', message, remedy: 'Choose a masked model, such as stories.' });
}
