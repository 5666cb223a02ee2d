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
import { FallbackNetwork } from '../../src/training/fallback-network.ts';
import { Pieces } from '../../src/worker/pieces.ts';

export interface Opened {
  readonly model: Model;
  readonly network: FallbackNetwork;
  readonly encode: (text: string) => Int32Array;
  readonly decode: (ids: ArrayLike<number>) => string;
  /** The text of one token. */
  readonly piece: (id: number) => string;
  /** Of the judge: log p of each token given those before it, nats; exact, in one pass. */
  readonly score: (ids: Int32Array) => Promise<Float32Array>;
  /** Writes a text with these settings, the others as the page has them by default. */
  readonly write: (changes: Partial<Settings>, canvas?: Canvas) => Promise<Trace>;
}

/** `stories`, the masked-diffusion model, or `stories-ar`, its autoregressive judge. */
export async function openShipped(name: 'stories' | 'stories-ar' = 'stories'): Promise<Opened> {
  await activate('wasm');
  const folder = fileURLToPath(new URL(`../../public/models/${name}`, import.meta.url));
  const model = await openModel(await folderSource(folder), { id: name });
  const network = await FallbackNetwork.create(model);
  return {
    model,
    network,
    encode: (text) => Int32Array.from(model.tokenizer.encode(text)),
    decode: (ids) => model.tokenizer.decode(Array.from(ids)),
    piece: (id) => model.tokenizer.piece(id),
    score: async (ids) => {
      if (!network.info.causal) throw new Error(`${name} reads both ways; only stories-ar has an exact likelihood.`);
      const text = Int32Array.of(model.arch.ids.cls ?? 0, ...ids);
      const [scores] = await network.score([{ ids: text, asked: Int32Array.from(ids, (_, i) => i + 1) }], [ids]);
      return scores as Float32Array;
    },
    write: (changes, canvas) => record(model, network, { ...defaultSettings(), ...changes }, canvas),
  };
}

/** The whole run as a Trace; step times are left out, so that a notebook says the same on every machine. */
async function record(model: Model, network: FallbackNetwork, settings: Settings, canvas?: Canvas): Promise<Trace> {
  const start = canvas ?? canvasFor(settings, model.tokenizer, model.arch);
  const pieces = new Pieces(model.tokenizer);
  const texts = pieces.fresh(start.ids);
  const steps: Step[] = [];
  for await (const step of generate(network, start, settings, { now: () => 0 })) {
    steps.push(step);
    Object.assign(texts, pieces.ofStep(step));
  }
  return {
    version: 3,
    settings,
    model: { id: model.id, parameters: model.weights.parameters },
    backend: { name: network.backend, device: 'notebook' },
    start,
    maskId: network.info.maskId,
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
