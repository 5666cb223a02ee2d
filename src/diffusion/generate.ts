/**
 * The generation loop of masked diffusion: predict the open slots, choose which to write, repeat. With default settings
 * it is dLLM's MDLM sampler (dllm/core/samplers/mdlm.py), itself LLaDA's generate.py (arXiv 2502.09992), step by step;
 * where it stops short of the letter, and how `exact` restores it, is said in `blocks.ts`.
 */
import { advance, layoutOf, nextTurn } from './blocks.ts';
import { reuseFor } from './cache.ts';
import { type Canvas, copyCanvas, Slot } from './canvas.ts';
import type { Denoiser, PredictRequest } from './denoiser.ts';
import { writeStep } from './replay.ts';
import type { Sampler, Situation } from './sampler.ts';
import { SAMPLER_TABLE } from './samplers/index.ts';
import type { Settings } from './settings.ts';
import type { Cursor, Step } from './trace.ts';
import { alternativesKept, truncate, truncates } from './truncate.ts';

export interface GenerateOptions {
  /** Go on from here; on an unedited canvas the run continues bit for bit as if it had never stopped. */
  readonly cursor?: Cursor | undefined;
  /** Stops before the next forward pass; the step in flight is still finished and yielded. */
  readonly signal?: AbortSignal | undefined;
  /** Clock in milliseconds. */
  readonly now?: () => number;
}

/** Yields each step as it is made and ends when nothing is left to write. `canvas` itself is not changed. */
export async function* generate(
  denoiser: Denoiser,
  canvas: Canvas,
  settings: Settings,
  { cursor = { step: 0, block: 0, grid: 0 }, signal, now = () => performance.now() }: GenerateOptions = {},
): AsyncGenerator<Step, void> {
  const sampler = SAMPLER_TABLE[settings.sampler];
  // A sampler with its own pace runs until no mask is left, which the letter, where [MASK] may be drawn, cannot promise.
  const exact = settings.exact && sampler.followsPlan;
  const work = copyCanvas(canvas);
  const layout = layoutOf(work, settings);

  while (!signal?.aborted) {
    const turn = nextTurn(work, layout, cursor, settings, exact);
    if (turn === undefined) return;
    const began = now();
    const index = cursor.step;
    const situation = { canvas: work, candidates: turn.candidates, quota: turn.quota, settings, step: index };

    const question = ask(denoiser, sampler, situation, exact);
    const reuse = reuseFor(work, question.slots, turn.block, layout, settings, denoiser.maskId);
    const answer = await denoiser.predict(reuse === undefined ? question : { ...question, reuse });
    const prediction = truncate(answer, settings, index);
    const choice = sampler.choose(situation, prediction);

    // A drawn [MASK] leaves its slot as it is; only `exact` runs draw it.
    const written = choice.reveal.filter(({ id }) => id !== denoiser.maskId);
    const change = {
      revealed: written.map(({ slot }) => slot),
      revealedIds: written.map(({ id }) => id),
      remasked: choice.remask,
    };
    writeStep(work, change, denoiser.maskId);
    cursor = advance(work, layout, turn, index, exact);
    yield {
      index,
      block: turn.block,
      quota: turn.quota,
      ...change,
      prediction,
      next: cursor,
      forwards: prediction.forwards,
      milliseconds: now() - began,
    };
  }
}

function ask(denoiser: Denoiser, sampler: Sampler, situation: Situation, exact: boolean): PredictRequest {
  const { canvas, settings, step } = situation;
  const { maskId, vocabSize } = denoiser;
  return {
    // A copy, because the denoiser may keep what it was asked.
    ids: canvas.ids.slice(),
    slots: Int32Array.from(sampler.asks?.(situation) ?? situation.candidates),
    // When truncating, the token is drawn afterwards from the kept alternatives, with the same noise.
    draw: { seed: settings.seed, step, temperature: truncates(settings) ? 0 : settings.temperature },
    topK: alternativesKept(settings, exact ? vocabSize : vocabSize - 1),
    ...(exact ? {} : { suppress: [maskId] }),
    ...(settings.guidance > 0
      ? { guidance: { unconditional: withoutPrompt(canvas, maskId), scale: settings.guidance } }
      : {}),
  };
}

/** The canvas of the unconditional forward pass: given slots masked, everything written kept. */
function withoutPrompt(canvas: Canvas, maskId: number): Int32Array {
  return canvas.ids.map((id, slot) => (canvas.states[slot] === Slot.Given ? maskId : id));
}
