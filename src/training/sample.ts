/** A canvas that the model in training writes: from masks alone, always with the same seed, so that it is seen improving. */
import type { Model } from '../checkpoint/model.ts';
import { fillCanvas } from '../diffusion/canvas.ts';
import type { Denoiser } from '../diffusion/denoiser.ts';
import { generate } from '../diffusion/generate.ts';
import { defaultSettings, type Settings } from '../diffusion/settings.ts';
import type { Step, Trace } from '../diffusion/trace.ts';

const MOST_TOKENS = 64;

/** Surest first, as Generate begins, in half as many steps as tokens. */
export async function sampleTrace(
  denoiser: Denoiser,
  { id, tokenizer, weights }: Pick<Model, 'id' | 'tokenizer' | 'weights'>,
  { length, seed, backend }: { readonly length: number; readonly seed: number; readonly backend: string },
): Promise<Trace> {
  const tokens = Math.min(length, MOST_TOKENS);
  const steps = Math.ceil(tokens / 2);
  const settings: Settings = { ...defaultSettings(), prompt: '', length: tokens, steps, block: 0, seed };
  const start = fillCanvas(new Int32Array(tokens).fill(denoiser.maskId), denoiser.maskId);
  const made: Step[] = [];
  const seen = new Set<number>(start.ids);
  for await (const step of generate(denoiser, start, settings)) {
    made.push(step);
    for (const each of [...step.revealedIds, ...step.prediction.topIds]) seen.add(each);
  }
  return {
    version: 1,
    settings,
    model: { id, parameters: weights.parameters },
    backend: { name: backend, device: backend },
    start,
    maskId: denoiser.maskId,
    steps: made,
    edits: [],
    pieces: Object.fromEntries([...seen].map((each) => [each, tokenizer.piece(each)])),
  };
}
