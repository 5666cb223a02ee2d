/** The fixtures of `src/training/golden`: what PyTorch's autograd and AdamW make of tiny models. */
import { readFileSync } from 'node:fs';
import { toFloat32 } from '../../checkpoint/half.ts';
import type { Weights } from '../../checkpoint/model.ts';
import { type Fixture, openFixture } from '../../checkpoint/testing/golden.ts';
import type { AdamW } from '../adamw.ts';
import type { Question } from '../objectives/objective.ts';

export const GRADIENTS = ['tied', 'biases', 'causal'] as const;

export interface GoldenGradients extends Fixture {
  readonly question: Question;
  readonly adamw: AdamW;
  /** Of three steps. */
  readonly losses: readonly number[];
  readonly gradNorms: readonly number[];
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** The weights after the three steps. */
  readonly stepped: ReadonlyMap<string, Float32Array>;
}

export async function openGradients(name: (typeof GRADIENTS)[number]): Promise<GoldenGradients> {
  const folder = new URL(`../golden/${name}/`, import.meta.url);
  const stored = JSON.parse(readFileSync(new URL('question.json', folder), 'utf8'));
  const question: Question = {
    inputs: Int32Array.from(stored.inputs),
    length: stored.length,
    scored: Int32Array.from(stored.scored),
    targets: Int32Array.from(stored.targets),
    weights: Float32Array.from(stored.weights),
  };
  const { adamw, losses, gradNorms } = stored;
  const gradients = await values((await openFixture(folder, 'gradients.safetensors')).weights);
  const stepped = await values((await openFixture(folder, 'stepped.safetensors')).weights);
  return { ...(await openFixture(folder)), question, adamw, losses, gradNorms, gradients, stepped };
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
