/** A shipped model in a notebook: opened from public/models, run by tfjs on WebAssembly, its runs recorded as Traces. */
import { fileURLToPath } from 'node:url';
import type { Model } from '../../src/checkpoint/model.ts';
import { openModel } from '../../src/checkpoint/open.ts';
import { canvasFor } from '../../src/checkpoint/prompt.ts';
import type { Canvas } from '../../src/diffusion/canvas.ts';
import { generate } from '../../src/diffusion/generate.ts';
import { canvasAt } from '../../src/diffusion/replay.ts';
import { defaultSettings, type Settings } from '../../src/diffusion/settings.ts';
import type { Step, Trace } from '../../src/diffusion/trace.ts';
import { folderSource } from '../../src/node/folder.ts';
import { activate } from '../../src/training/backends.ts';
import { FallbackDenoiser } from '../../src/training/fallback-denoiser.ts';
import { Pieces } from '../../src/worker/pieces.ts';

export interface Opened {
  readonly model: Model;
  readonly denoiser: FallbackDenoiser;
  readonly encode: (text: string) => Int32Array;
  readonly decode: (ids: ArrayLike<number>) => string;
  /** The text of one token. */
  readonly piece: (id: number) => string;
  /** Of the twin: log p of each token given those before it, nats; exact, in one pass. */
  readonly score: (ids: Int32Array) => Promise<Float32Array>;
  /** Writes a text with these settings, the others as the page has them by default. */
  readonly write: (changes: Partial<Settings>, canvas?: Canvas) => Promise<Trace>;
}

/** `stories`, the masked-diffusion model, or `stories-ar`, its autoregressive twin. */
export async function openShipped(name: 'stories' | 'stories-ar' = 'stories'): Promise<Opened> {
  await activate('wasm');
  const folder = fileURLToPath(new URL(`../../public/models/${name}`, import.meta.url));
  const model = await openModel(await folderSource(folder), { id: name });
  const denoiser = await FallbackDenoiser.create(model);
  return {
    model,
    denoiser,
    encode: (text) => Int32Array.from(model.tokenizer.encode(text)),
    decode: (ids) => model.tokenizer.decode(Array.from(ids)),
    piece: (id) => model.tokenizer.piece(id),
    score: async (ids) => {
      const reader = denoiser.autoregressor;
      if (!reader) throw new Error(`${name} reads both ways; only stories-ar has an exact likelihood.`);
      return reader.score(Int32Array.of(model.arch.ids.cls ?? 0, ...ids));
    },
    write: (changes, canvas) => record(model, denoiser, { ...defaultSettings(), ...changes }, canvas),
  };
}

/** The whole run as a Trace; step times are left out, so that a notebook says the same on every machine. */
async function record(model: Model, denoiser: FallbackDenoiser, settings: Settings, canvas?: Canvas): Promise<Trace> {
  const start = canvas ?? canvasFor(settings, model.tokenizer, model.arch);
  const pieces = new Pieces(model.tokenizer);
  const texts = pieces.fresh(start.ids);
  const steps: Step[] = [];
  for await (const step of generate(denoiser, start, settings, { now: () => 0 })) {
    steps.push(step);
    Object.assign(texts, pieces.fresh(step.revealedIds, step.prediction.ids, step.prediction.topIds));
  }
  return {
    version: 1,
    settings,
    model: { id: model.id, parameters: model.weights.parameters },
    backend: { name: denoiser.backend, device: 'notebook' },
    start,
    maskId: denoiser.maskId,
    steps,
    edits: [],
    pieces: texts,
  };
}

/** The text at the end of a run; slots still masked are left out. */
export function textOfTrace(trace: Trace): string {
  const { ids } = canvasAt(trace, trace.steps.length);
  return Array.from(ids, (id) => (id === trace.maskId ? '' : (trace.pieces[id] ?? ''))).join('');
}
