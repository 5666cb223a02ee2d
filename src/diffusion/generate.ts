/**
 * The generation loop of masked diffusion: predict the open slots, choose which to write, repeat. With default settings
 * it is dLLM's MDLM sampler (dllm/core/samplers/mdlm.py), itself LLaDA's generate.py (arXiv 2502.09992), step by step;
 * where it stops short of the letter, and how `exact` restores it, is said in `blocks.ts`.
 */
import { advance, layoutOf, nextTurn } from './blocks.ts';
import { reuseFor } from './cache.ts';
import { type Canvas, copyCanvas, openSlots, Slot } from './canvas.ts';
import { blankPrediction, type Denoiser, type Prediction, type PredictRequest } from './denoiser.ts';
import { endingOf, type FindEnding, firstOf, stepsAhead, stopsEarly } from './early-stop.ts';
import { endsLast, neverDrawn } from './ends.ts';
import { noteLogProbs, writeStep } from './replay.ts';
import type { Situation } from './sampler.ts';
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
  /** Finds where an answer ends, for the setting `earlyStop`; at the first of the denoiser's end tokens when absent. */
  readonly ending?: FindEnding | undefined;
  /** Clock in milliseconds. */
  readonly now?: () => number;
}

/**
 * Yields each step as it is made and ends when nothing is left to write, or nothing that is needed (`earlyStop`).
 * `canvas` itself is not changed.
 */
export async function* generate(
  denoiser: Denoiser,
  canvas: Canvas,
  settings: Settings,
  options: GenerateOptions = {},
): AsyncGenerator<Step, void> {
  const { signal, now = () => performance.now() } = options;
  let cursor = options.cursor ?? { step: 0, block: 0, grid: 0 };
  const sampler = SAMPLER_TABLE[settings.sampler];
  // A sampler with its own pace runs until no mask is left, which the letter, where [MASK] may be drawn, cannot promise.
  const exact = settings.exact && sampler.followsPlan && !sampler.revisits;
  const work = copyCanvas(canvas);
  const logProbs = options.writtenLogProbs?.slice() ?? new Float32Array(work.ids.length).fill(Number.NaN);
  const layout = layoutOf(work, settings);
  const find = stopsEarly(settings, sampler) ? (options.ending ?? firstOf(denoiser.endIds ?? [])) : undefined;
  const ending = () => find && endingOf(work, layout.start, find);
  if (ending()) return;

  while (!signal?.aborted) {
    const turn = nextTurn(work, layout, cursor, settings, exact, sampler);
    if (turn === undefined) return;
    const began = now();
    const index = cursor.step;
    const situation = { ...turn, canvas: work, layout, settings, step: index, writtenLogProbs: logProbs };

    const slots = Int32Array.from(sampler.asks?.(situation) ?? turn.candidates);
    const prediction =
      slots.length === 0
        ? blankPrediction(slots, 0, { forwards: 0, rows: 0 })
        : await predict(denoiser, situation, slots, exact);
    const choice = sampler.choose(situation, endsLast(prediction, denoiser, settings));

    // A drawn [MASK] leaves its slot as it is; only `exact` runs draw it.
    const written = choice.reveal.filter(({ id }) => id !== denoiser.maskId);
    const change = {
      revealed: written.map(({ slot }) => slot),
      revealedIds: written.map(({ id }) => id),
      remasked: choice.remask,
    };
    writeStep(work, change, denoiser.maskId);
    noteLogProbs(logProbs, { ...change, prediction });
    const changed = written.length + choice.remask.length > 0;
    const idle = slots.length > 0 && !changed;
    cursor = advance(work, layout, turn, index, exact, { idle, time: choice.time });
    if (slots.length === 0 && !changed) {
      // Nothing was asked and nothing done: time went on, and that is no step.
      cursor = { ...cursor, step: index };
      continue;
    }
    const end = openSlots(work).length > 0 ? ending() : undefined;
    const ahead = end && stepsAhead(work, layout, cursor, settings, sampler);
    const saved = ahead && { saved: ahead.length * (settings.guidance > 0 ? 2 : 1) };
    yield {
      index,
      block: turn.block,
      quota: turn.quota,
      ...change,
      prediction,
      next: cursor,
      forwards: prediction.forwards,
      milliseconds: now() - began,
      ...(end === undefined ? {} : { ended: { ...end, ...saved } }),
    };
    if (end) return;
  }
}

async function predict(
  denoiser: Denoiser,
  situation: Situation,
  slots: Int32Array,
  exact: boolean,
): Promise<Prediction> {
  const { canvas, settings, step, block, layout } = situation;
  const { maskId, vocabSize } = denoiser;
  const suppress = [...(exact ? [] : [maskId]), ...neverDrawn(denoiser, settings)];
  const reuse = reuseFor(canvas, slots, block, layout, settings, maskId);
  const request: PredictRequest = {
    // A copy, because the denoiser may keep what it was asked.
    ids: canvas.ids.slice(),
    slots,
    // When truncating, the token is drawn afterwards from the kept alternatives, with the same noise.
    draw: { seed: settings.seed, step, temperature: truncates(settings) ? 0 : settings.temperature },
    topK: alternativesKept(settings, vocabSize - suppress.length),
    ...(suppress.length > 0 ? { suppress } : {}),
    ...(settings.guidance > 0
      ? { guidance: { unconditional: withoutPrompt(canvas, maskId), scale: settings.guidance } }
      : {}),
    ...(reuse === undefined ? {} : { reuse }),
  };
  return truncate(await denoiser.predict(request), settings, step);
}

/** The canvas of the unconditional forward pass: given slots masked, everything written kept. */
function withoutPrompt(canvas: Canvas, maskId: number): Int32Array {
  return canvas.ids.map((id, slot) => (canvas.states[slot] === Slot.Given ? maskId : id));
}
