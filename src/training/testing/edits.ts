/** The fixture `golden/edits`: an edit network, its answers, a loss and its gradients by PyTorch. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toFloat32 } from '../../checkpoint/half.ts';
import type { TensorEntry } from '../../checkpoint/safetensors.ts';
import { readIndex, WEIGHTS_FILE } from '../../checkpoint/shards.ts';
import { memorySource } from '../../checkpoint/sources.ts';
import { type Fixture, openFixture } from '../../checkpoint/testing/golden.ts';
import type { Network } from '../../diffusion/network.ts';
import { tensorsOf } from '../../model/families/index.ts';
import type { EditTargets, Question } from '../objectives/objective.ts';
import { Trainable } from '../trainable.ts';
import { BARE } from './gradients.ts';

interface EditGolden extends Fixture {
  readonly question: Question & { readonly edits: EditTargets };
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** Of the first row. */
  readonly ids: Int32Array;
  readonly rates: readonly (readonly number[])[];
  readonly substitutions: readonly (readonly number[])[];
  readonly insertions: readonly (readonly number[])[];
}

type Kept = Readonly<Record<'scored' | 'targets' | 'weights', number[]>>;
const typed = ({ scored, targets, weights }: Kept) => ({
  scored: Int32Array.from(scored),
  targets: Int32Array.from(targets),
  weights: Float32Array.from(weights),
});

export async function openEditGradients(): Promise<EditGolden> {
  const folder = new URL('../golden/edits/', import.meta.url);
  const stored = JSON.parse(readFileSync(new URL('question.json', folder), 'utf8'));
  const fixture = await openFixture(folder);
  const bytes = new Uint8Array(readFileSync(new URL('gradients.safetensors', folder)));
  const source = memorySource(new Map([[WEIGHTS_FILE, bytes]]), 'gradients');
  const index = await readIndex(source);
  const gradients = new Map<string, Float32Array>();
  for (const { name, parts } of tensorsOf(fixture, (each) => index.has(each))) {
    const { file, start, end } = index.get((parts[0] as { name: string }).name) as TensorEntry;
    gradients.set(name, toFloat32(await source.read(file, start, end), 'F32'));
  }
  const { edits } = stored;
  return {
    ...fixture,
    question: {
      inputs: Int32Array.from(stored.inputs),
      length: stored.length,
      ...typed(stored),
      edits: {
        lengths: Int32Array.from(edits.lengths),
        rateWeights: Float32Array.from(edits.rateWeights),
        inserted: typed(edits.inserted),
        removed: typed(edits.removed),
      },
    },
    loss: stored.loss,
    gradients,
    ids: Int32Array.from(stored.inputs.slice(0, stored.length)),
    rates: stored.rates,
    substitutions: stored.substitutions,
    insertions: stored.insertions,
  };
}

/** PyTorch computed in float64; ours is f32. */
const TOLERANCE = 2e-5;

export function testEditGradients(begin: () => Promise<unknown>): void {
  test('loss and gradients of edits are PyTorch’s, padding seen by nobody', async () => {
    await begin();
    const { arch, weights, question, loss, gradients } = await openEditGradients();
    const model = await Trainable.create(arch, weights);
    expect(Math.abs((await model.loss(question)) / loss - 1)).toBeLessThan(TOLERANCE);
    await model.step(question, BARE);
    const got = (await model.optimiserState()).first;
    for (const [name, want] of gradients) {
      const own = got.get(name) as Float32Array;
      const most = want.reduce((all, each) => Math.max(all, Math.abs(each)), 0);
      const worst = want.reduce((all, each, i) => Math.max(all, Math.abs(each - (own[i] as number))), 0);
      expect(worst / most, name).toBeLessThan(20 * TOLERANCE);
    }
    model.dispose();
  });
}

/** Drawn tokens, their log-probabilities and rates of every slot of the first row. */
export async function expectEditsOf(network: Network, golden: EditGolden): Promise<void> {
  const { ids, rates, substitutions, insertions } = golden;
  const asked = Int32Array.from(ids.keys());
  const draw = { seed: 3, step: 1, temperature: 0 };
  const two = { ids: ids.slice(0, 7), asked: Int32Array.of(0, 3), draw };
  const answers = await network.edits?.([{ ids, asked, draw }, two], { topK: 3 });
  const [whole, part] = answers ?? [];
  expect(part?.set.slots).toEqual(Int32Array.of(0, 3));
  for (const slot of asked) {
    for (const [answer, logits] of [
      [whole?.set, substitutions[slot]],
      [whole?.insert, insertions[slot]],
    ] as const) {
      const row = logits as number[];
      const best = row.indexOf(Math.max(...row));
      const logSum = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
      expect(answer?.ids[slot]).toBe(best);
      expect(Math.abs((answer?.logProbs[slot] as number) - ((row[best] as number) - logSum))).toBeLessThan(1e-4);
      expect(answer?.topIds[3 * slot]).toBe(best);
    }
    for (const [k, kind] of (['set', 'remove', 'insert'] as const).entries()) {
      const want = rates[slot]?.[k] as number;
      expect(Math.abs((whole?.rates[kind][slot] as number) - want)).toBeLessThan(1e-4 * (1 + want));
    }
  }
  // Noise of its own: with a temperature, what is inserted is drawn apart from what is set.
  const warm = (step: number) =>
    network.edits?.([{ ids, asked, draw: { seed: 3, step, temperature: 2 } }], { topK: 0, suppress: [4] });
  const [first] = (await warm(0)) ?? [];
  const [again] = (await warm(0)) ?? [];
  const [other] = (await warm(1)) ?? [];
  expect(again?.insert.ids).toEqual(first?.insert.ids);
  expect(other?.insert.ids).not.toEqual(first?.insert.ids);
  expect([...(first?.set.ids ?? []), ...(first?.insert.ids ?? [])]).not.toContain(4);
}
