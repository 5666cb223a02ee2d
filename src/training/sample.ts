/**
 * A canvas that the model in training writes, always with the same seed, so that it is seen improving: from nothing; where
 * it learns as BERT or in Barry's way, a held-out text gone on with.
 */
import type { Model } from '../checkpoint/model.ts';
import { type Canvas, continueCanvas, isOpen } from '../diffusion/canvas.ts';
import { generate } from '../diffusion/generate.ts';
import type { Network } from '../diffusion/network.ts';
import { writtenIdsIn, writtenIn } from '../diffusion/ops.ts';
import { autoregressive } from '../diffusion/processes/autoregressive.ts';
import { defaultSettings, type Settings } from '../diffusion/settings.ts';
import type { Step, Trace } from '../diffusion/trace.ts';
import { joinBytes } from '../text/bytes.ts';
import { objectiveOf } from './objectives/index.ts';
import { repairedPieces } from './sample-edits.ts';
import { type Material, wordsOf } from './start.ts';
import type { TrainSettings } from './train-settings.ts';

const MOST_TOKENS = 64;
/** As Barry's code writes. */
const REFINED = { sampler: 'iterative-refinement', topK: 50, topP: 0.95 } as const;

export interface SampleOptions {
  readonly length: number;
  /** Tokens it begins with, of `length`; the rest is refined in so many passes. */
  readonly from?: { readonly ids: ArrayLike<number>; readonly passes: number } | undefined;
  readonly seed: number;
  readonly backend: string;
  /** Of a model that learns to write in blocks of so many tokens. */
  readonly block?: number | undefined;
}

/**
 * Surest first, as Generate begins, in half as many steps as tokens; a model that learns by blocks writes by blocks. A
 * causal model appends until it ends the text; what it has not written stays open.
 */
export async function sampleTrace(
  network: Network,
  model: Pick<Model, 'id' | 'arch' | 'tokenizer' | 'weights'>,
  { length, from, seed, backend, block }: SampleOptions,
): Promise<Trace> {
  const { id, tokenizer, weights } = model;
  const tokens = from ? length - from.ids.length : Math.min(length, MOST_TOKENS);
  const { causal, maskId } = network.info;
  const steps = from?.passes ?? (causal ? tokens : Math.ceil(tokens / 2));
  const process =
    block === undefined ? ({ process: 'masked', block: 0 } as const) : ({ process: 'blocks', block } as const);
  const usual = { ...defaultSettings(), prompt: '', length: tokens, steps, seed, ...process };
  const settings: Settings = from ? { ...usual, ...REFINED } : usual;
  const start = continueCanvas(from?.ids ?? [], tokens, maskId);
  const made: Step[] = [];
  const seen = new Set<number>(start.ids.filter((each) => each >= 0));
  for await (const step of stepsOf(network, model, start, settings)) {
    made.push(step);
    for (const each of [...writtenIdsIn(step), ...step.prediction.topIds]) seen.add(each);
  }
  return {
    version: 3,
    settings,
    model: { id, parameters: weights.parameters },
    backend: { name: backend, device: backend },
    start,
    maskId,
    steps: made,
    edits: [],
    pieces: Object.fromEntries([...seen].map((each) => [each, tokenizer.piece(each)])),
  };
}

function stepsOf(network: Network, { arch }: Pick<Model, 'arch'>, start: Canvas, settings: Settings) {
  const { causal, maskId } = network.info;
  if (!causal) return generate(network, start, settings);
  const { cls, bos, sep, eos, pad } = arch.ids;
  const known = (...ids: (number | undefined)[]) => ids.filter((each) => each !== undefined);
  const how = { before: known(cls ?? bos), ends: known(sep, eos, pad), suppress: known(maskId) };
  return generate(network, start, settings, { process: autoregressive(how) });
}

export interface Sample {
  readonly pieces: readonly string[];
  /** So many of them, at the start, were given. */
  readonly given?: number;
}

/** What the model in training writes, or a text that it repairs. */
export async function sampleOf(network: Network, { settings, model, material, backend }: SampleOf): Promise<Sample> {
  const rows = material.heldOut.count > 0 ? material.heldOut : material.train;
  if (model.arch.edits) {
    const words = { ...wordsOf(model), tokenizer: model.tokenizer };
    return { pieces: await repairedPieces(network, rows, words, settings) };
  }
  const { length, seed, objective, prefix, maskRates } = settings;
  const continues = (objective === 'ten-rates' || objective === 'bert') && prefix > 0 && prefix < length;
  const from = continues ? { ids: rows.ids.subarray(0, prefix), passes: maskRates } : undefined;
  const { block } = objectiveOf(settings);
  const pieces = samplePieces(await sampleTrace(network, model, { length, from, seed, backend, block }));
  return { pieces, ...(from && { given: prefix }) };
}

interface SampleOf {
  readonly settings: TrainSettings;
  readonly model: Model;
  readonly material: Pick<Material, 'train' | 'heldOut'>;
  readonly backend: string;
}

/** The text of each token of a sample, in order, those that were given included; slots never written are left out. */
export function samplePieces({ start, steps, pieces }: Pick<Trace, 'start' | 'steps' | 'pieces'>): string[] {
  const ids = new Map<number, number>();
  for (const step of steps) for (const { slot, id } of writtenIn(step)) ids.set(slot, id);
  const written = Array.from(start.ids.keys()).flatMap((slot) => {
    const id = ids.get(slot) ?? (isOpen(start.states[slot] as number) ? undefined : start.ids[slot]);
    return id === undefined ? [] : [pieces[id] ?? ''];
  });
  return joinBytes(written);
}
