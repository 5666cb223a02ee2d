/** The fixtures of `src/training/golden`: what PyTorch's autograd and AdamW make of tiny models. */
import { existsSync, readFileSync } from 'node:fs';
import { memory } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { toFloat32 } from '../../checkpoint/half.ts';
import type { Weights } from '../../checkpoint/model.ts';
import type { TensorEntry } from '../../checkpoint/safetensors.ts';
import { readIndex, WEIGHTS_FILE } from '../../checkpoint/shards.ts';
import { memorySource } from '../../checkpoint/sources.ts';
import { type Fixture, openFixture } from '../../checkpoint/testing/golden.ts';
import { readConfig } from '../../model/families/index.ts';
import type { AdamW } from '../adamw.ts';
import { initialWeights } from '../initial-weights.ts';
import type { Question } from '../objectives/objective.ts';
import { Trainable } from '../trainable.ts';

export const GRADIENTS = ['tied', 'biases', 'causal'] as const;
/** Of other families than ModernBERT's; without the weights after three steps. */
export const FAMILY_GRADIENTS = [
  'bert',
  'roberta',
  'qwen3',
  'a2d-qwen3',
  'qwen2',
  'a2d-qwen2',
  'llama',
  'a2d-llama',
  'llada',
  'dream',
  'noisy-and-clean',
] as const;
type Name = (typeof GRADIENTS)[number] | (typeof FAMILY_GRADIENTS)[number];

export interface GoldenGradients extends Fixture {
  readonly question: Question;
  readonly adamw: AdamW;
  /** Of three steps. */
  readonly losses: readonly number[];
  readonly gradNorms: readonly number[];
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** The weights after the three steps, where they are kept. */
  readonly stepped: ReadonlyMap<string, Float32Array> | undefined;
}

export async function openGradients(name: Name): Promise<GoldenGradients> {
  const folder = new URL(`../golden/${name}/`, import.meta.url);
  const stored = JSON.parse(readFileSync(new URL('question.json', folder), 'utf8'));
  const { positions, sees } = stored;
  const question: Question = {
    ...(positions && { positions: Int32Array.from(positions), sees }),
    inputs: Int32Array.from(stored.inputs),
    length: stored.length,
    scored: Int32Array.from(stored.scored),
    targets: Int32Array.from(stored.targets),
    weights: Float32Array.from(stored.weights),
  };
  const { adamw, losses, gradNorms } = stored;
  const gradients = await values((await openFixture(folder, 'gradients.safetensors')).weights);
  const isKept = existsSync(new URL('stepped.safetensors', folder));
  const stepped = isKept ? await values((await openFixture(folder, 'stepped.safetensors')).weights) : undefined;
  return { ...(await openFixture(folder)), question, adamw, losses, gradNorms, gradients, stepped };
}

/** Every row of the question's canvases before any step, `[B·T, V]`. */
export async function openLogits(name: (typeof FAMILY_GRADIENTS)[number]): Promise<Float32Array> {
  const bytes = new Uint8Array(readFileSync(new URL(`../golden/${name}/logits.safetensors`, import.meta.url)));
  const source = memorySource(new Map([[WEIGHTS_FILE, bytes]]), name);
  const { file, start, end } = (await readIndex(source)).get('logits') as TensorEntry;
  return toFloat32(await source.read(file, start, end), 'F32');
}

async function values(weights: Weights): Promise<Map<string, Float32Array>> {
  const read = new Map<string, Float32Array>();
  for (const [name, { dtype }] of weights.tensors) read.set(name, toFloat32(await weights.read(name), dtype));
  return read;
}

/** Largest |got − want| of all tensors, each beside its own largest |want|. */
export function worstOf(got: ReadonlyMap<string, Float32Array>, want: ReadonlyMap<string, Float32Array>): number {
  let worst = 0;
  for (const [name, wanted] of want) {
    const given = got.get(name);
    if (given?.length !== wanted.length) return Number.NaN;
    const most = wanted.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    for (const [i, value] of wanted.entries()) {
      const error = Math.abs((given[i] as number) - value) / most;
      if (Number.isNaN(error)) return Number.NaN;
      worst = Math.max(worst, error);
    }
  }
  return worst;
}

/** No clipping, no decay, no memory: the first moment after one step is the gradient itself. */
export const BARE: AdamW = { lr: 0, weightDecay: 0, beta1: 0, beta2: 0, eps: 1, clip: 0 };

/** The fixtures as tests of the backend that `choose` makes current; `stepping` are those that take three steps. */
export function testAgainstPyTorch(
  choose: () => Promise<unknown>,
  { stepping = [...GRADIENTS, ...FAMILY_GRADIENTS] }: { readonly stepping?: readonly Name[] } = {},
): void {
  test.each([...GRADIENTS, ...FAMILY_GRADIENTS])('loss and gradients are those of PyTorch: %s', async (name) => {
    await choose();
    const golden = await openGradients(name);
    const model = await Trainable.create(golden.arch, golden.weights);
    const { loss, gradNorm } = await model.step(golden.question, BARE);
    expect(Math.abs(loss / (golden.losses[0] as number) - 1)).toBeLessThan(1e-5);
    expect(Math.abs(gradNorm / (golden.gradNorms[0] as number) - 1)).toBeLessThan(1e-5);
    expect(worstOf((await model.optimiserState()).first, golden.gradients)).toBeLessThan(1e-4);
    model.dispose();
  });

  test.each(stepping)('three steps of AdamW with clipping are those of PyTorch: %s', async (name) => {
    await choose();
    const golden = await openGradients(name);
    const model = await Trainable.create(golden.arch, golden.weights);
    for (let step = 0; step < 3; step++) {
      const { loss, gradNorm } = await model.step(golden.question, golden.adamw);
      expect(Math.abs(loss / (golden.losses[step] as number) - 1)).toBeLessThan(1e-4);
      expect(Math.abs(gradNorm / (golden.gradNorms[step] as number) - 1)).toBeLessThan(1e-3);
    }
    if (golden.stepped) expect(worstOf(await model.weights(), golden.stepped)).toBeLessThan(1e-3);
    model.dispose();
  });
}

/**
 * The number of tensors and the bytes that tfjs holds are after the last step of a tiny model what they were after the
 * twentieth, and after everything is disposed what they were before.
 */
export async function expectNothingLeft(steps: number): Promise<void> {
  const { arch } = readConfig({
    model_type: 'modernbert',
    vocab_size: 16,
    hidden_size: 8,
    num_attention_heads: 2,
    intermediate_size: 12,
    num_hidden_layers: 1,
    max_position_embeddings: 8,
    mask_token_id: 4,
  });
  const before = memory().numTensors;
  const model = await Trainable.create(arch, initialWeights(arch, 1));
  const step = (n: number) => {
    // As in a run, there are as many masks in a batch as never before.
    const scored = Int32Array.from({ length: 1 + (Math.floor(n / 4) % 15) }, (_, i) => i + (n % 2));
    const inputs = Int32Array.from({ length: 16 }, (_, i) => (scored.includes(i) ? 4 : (i * i + n) % 16));
    const [targets, weights] = [scored.map((i) => i), new Float32Array(scored.length).fill(0.1)];
    return model.step({ inputs, length: 8, scored, targets, weights }, { ...BARE, lr: 0.01, clip: 1 });
  };
  for (let n = 0; n < 20; n++) await step(n);
  const settled = model.memory;
  for (let n = 20; n < steps; n++) await step(n);
  expect(model.memory).toEqual(settled);
  model.dispose();
  expect(memory().numTensors).toBe(before);
}
