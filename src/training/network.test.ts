import { existsSync, readFileSync } from 'node:fs';
import { memory, setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { describe, expect, test } from 'vitest';
import { type Fixture, GOLDEN, openFixture, openGolden } from '../checkpoint/testing/golden.ts';
import { SEES_BEFORE } from '../model/arch.ts';
import { disposeKeyValues, encodeRows } from './cached.ts';
import { Geometry } from './geometry.ts';
import { decode, encode } from './network.ts';
import type { Question } from './objectives/objective.ts';
import { disposeParameters, loadParameters } from './parameters.ts';
import { FAMILY_GRADIENTS, openGradients, openLogits } from './testing/gradients.ts';

/** Of logits that span about 20: f32 rounding in another order, and an erf good to 1.5e-7. The largest seen is 4e-5. */
const TOLERANCE = 2e-4;

describe.each(['wasm', 'cpu'])('ModernBERT on the %s backend', (backend) => {
  test.each(GOLDEN)('gives the logits of PyTorch: %s', async (name) => {
    await setBackend(backend);
    const before = memory().numTensors;
    const { ids, rows, logits, ...model } = await openGolden(name);
    const parameters = await loadParameters(model.arch, model.weights);
    const geometry = new Geometry(ids.length);
    const hidden = encode(model.arch, parameters, geometry, ids);
    const answer = decode(model.arch, parameters, hidden, rows);
    const values = await answer.data();

    expect(answer.shape).toEqual([model.arch.vocab, rows.length]);
    let worst = 0;
    for (const [m, row] of logits.entries()) {
      for (const [id, logit] of row.entries()) {
        worst = Math.max(worst, Math.abs(logit - (values[id * rows.length + m] as number)));
      }
    }
    expect(worst).toBeLessThan(TOLERANCE);

    for (const tensor of [hidden, answer]) tensor.dispose();
    geometry.dispose();
    disposeParameters(parameters);
    expect(memory().numTensors).toBe(before);
  });
});

test('a batch of two canvases gives what each gives alone', async () => {
  await setBackend('wasm');
  const { ids, ...model } = await openGolden('long');
  const parameters = await loadParameters(model.arch, model.weights);
  const geometry = new Geometry(ids.length);
  const other = ids.toReversed();
  const both = encode(model.arch, parameters, geometry, Int32Array.from([...ids, ...other]));
  const alone = [ids, other].map((canvas) => encode(model.arch, parameters, geometry, canvas).dataSync());
  const expected = alone.flatMap((values) => [...values]);
  for (const [i, value] of both.dataSync().entries())
    expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-4);
});

/** Largest |got − want| beside the span of what is wanted. */
function worstShare(got: ArrayLike<number>, want: ArrayLike<number>): number {
  expect(got.length).toBe(want.length);
  const values = Array.from(want);
  const span = Math.max(...values) - Math.min(...values);
  return Math.max(...values.map((value, i) => Math.abs(value - (got[i] as number)))) / span;
}

/** `[T, V]` of canvases of one length. */
async function logitsOf(
  { arch, weights }: Pick<Fixture, 'arch' | 'weights'>,
  { inputs, length, ...placed }: Pick<Question, 'inputs' | 'length' | 'positions' | 'sees'>,
): Promise<Float32Array> {
  const parameters = await loadParameters(arch, weights);
  const geometry = new Geometry(length, placed);
  const hidden = encode(arch, parameters, geometry, inputs);
  const answer = decode(arch, parameters, hidden, Int32Array.from(inputs.keys()));
  const values = await answer.data();
  for (const tensor of [hidden, answer]) tensor.dispose();
  geometry.dispose();
  disposeParameters(parameters);
  return Float32Array.from(values, (_, i) => values[(i % arch.vocab) * inputs.length + Math.floor(i / arch.vocab)]!);
}

describe.each(['wasm', 'cpu'])('every family on the %s backend', (backend) => {
  test.each(FAMILY_GRADIENTS)('gives the logits of transformers: %s', async (name) => {
    await setBackend(backend);
    const before = memory().numTensors;
    const { question, ...model } = await openGradients(name);
    // The largest seen is 4e-7.
    expect(worstShare(await logitsOf(model, question), await openLogits(name))).toBeLessThan(1e-5);
    expect(memory().numTensors).toBe(before);
  });

  test.each(FAMILY_GRADIENTS)(
    'some rows beside the keys and values of a pass are those of the whole: %s',
    async (name) => {
      await setBackend(backend);
      const before = memory().numTensors;
      const { arch, weights, question } = await openGradients(name);
      const ids = question.inputs.subarray(0, question.length);
      const parameters = await loadParameters(arch, weights);
      const rows = (from: number, to: number, past?: Parameters<typeof encodeRows>[4]) => {
        const geometry = new Geometry(ids.length, { from, to });
        const made = encodeRows(arch, parameters, geometry, ids, past);
        geometry.dispose();
        return made;
      };
      const whole = rows(0, ids.length);
      const want = await whole.hidden.data();
      for (const [from, to] of [
        [3, 7],
        [ids.length - 1, ids.length],
      ] as const) {
        const part = rows(from, to, whole.keyValues);
        expect(worstShare(await part.hidden.data(), want.slice(from * arch.width, to * arch.width))).toBeLessThan(1e-5);
        disposeKeyValues(part.keyValues);
        part.hidden.dispose();
      }
      disposeKeyValues(whole.keyValues);
      whole.hidden.dispose();
      disposeParameters(parameters);
      expect(memory().numTensors).toBe(before);
    },
  );
});

const shared = new URL('../../../shared/golden/', import.meta.url);
const json = (file: URL) => JSON.parse(readFileSync(file, 'utf8'));
/** The numbers of a float32 .npy file, version 1. */
function npy(file: URL): Float32Array {
  const bytes = readFileSync(file);
  const start = 10 + bytes.readUInt16LE(8);
  return new Float32Array(new Uint8Array(bytes.subarray(start)).buffer);
}

interface Case {
  readonly ids: number[];
  readonly file: string;
  readonly rows?: number[];
  readonly placed?: Pick<Question, 'positions' | 'sees'>;
}

/** Those of a folder that a network answers without hiding padding from it. */
function casesOf(name: string, folder: URL): Case[] {
  const [group, model] = name.split('/') as [string, string];
  if (group === 'dllm') return json(new URL('cases.json', folder));
  const { cases, bd3 } = json(new URL(`${group}/${group}.json`, shared)).models[model];
  if (group === 'bert') {
    const plain = cases.filter(({ label }: { label: string }) => /^(plain|short)/.test(label));
    return plain.map((each: Case & { label: string }) => ({ ...each, file: `logits-${each.label}.npy` }));
  }
  const made = cases.flatMap(({ ids, rows, length, block }: Case & { length: number; block: number }) => [
    { ids, rows, file: `logits-full-${length}.npy` },
    { ids, rows, file: `logits-block-${length}.npy`, placed: { sees: { blocks: block } } },
    { ids, rows, file: `logits-causal-${length}.npy`, placed: { sees: SEES_BEFORE } },
  ]);
  const { xt, x0, block } = bd3;
  const positions = Int32Array.from({ length: 2 * xt.length }, (_, i) => i % xt.length);
  const placed = { positions, sees: { noisyAndClean: block } };
  return [...made, { ids: [...xt, ...x0], rows: [...xt.keys()], file: 'logits-bd3-8.npy', placed }];
}

/** What the reference implementations made of tiny models of other makers, where that is at hand. */
describe.skipIf(!existsSync(shared))('golden numbers', () => {
  test.each([
    'a2d/qwen3',
    'a2d/qwen3-wide-heads',
    'a2d/qwen2',
    'a2d/llama',
    'bert/bert',
    'bert/bert-f16',
    'bert/roberta',
    'dllm/llada',
    'dllm/dream',
  ])('%s', async (name) => {
    await setBackend('wasm');
    const folder = new URL(`${name}/`, shared);
    const model = await openFixture(folder);
    const cases = casesOf(name, folder);
    expect(cases.length).toBeGreaterThan(3);
    for (const { ids, file, rows = [...ids.keys()], placed } of cases) {
      const all = await logitsOf(model, { inputs: Int32Array.from(ids), length: ids.length, ...placed });
      const { vocab } = model.arch;
      const asked = rows.flatMap((row) => [...all.subarray(row * vocab, (row + 1) * vocab)]);
      expect(worstShare(asked, npy(new URL(file, folder))), file).toBeLessThan(1e-5);
    }
  });
});
