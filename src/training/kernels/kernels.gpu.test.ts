/** Each kernel with its gradient against the plain tfjs form, which derives its own on the tape, over odd sizes. */
import type { AttentionSpec } from '../../model/arch.ts';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import {
  matMul,
  type Rank,
  setBackend,
  type Tensor,
  type Tensor2D,
  tensor,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { stepKey, uniform, word } from '../../diffusion/rng.ts';
import { type AdamW, clipFactor, update } from '../adamw.ts';
import { Geometry } from '../geometry.ts';
import { crossEntropyWith } from '../gradients/cross-entropy.ts';
import { addRows as plainAddRows } from '../gradients/plain.ts';
import { PLAIN } from '../modernbert.ts';
import { tfjsOnWebGpu } from '../testing/gpu.ts';
import { attention } from './attention.ts';
import { crossEntropyWithin } from './cross-entropy.ts';
import { GpuOptimiser } from './optimiser.ts';
import { addRows, gate, multiply, norm } from './parts.ts';

await tfjsOnWebGpu();

interface Numbers {
  readonly values: Float32Array;
  readonly shape: number[];
}

function numbers(shape: number[], seed: number, gain = 1): Numbers {
  const key = stepKey(seed, 0, 0);
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { shape, values: Float32Array.from({ length: size }, (_, i) => gain * (4 * uniform(word(key, i, 0)) - 2)) };
}

/** Value and gradients of `f`, for an arriving gradient that is different everywhere. */
async function both(f: (...inputs: Tensor<Rank>[]) => Tensor, inputs: readonly Numbers[]): Promise<Float32Array[]> {
  const tensors = inputs.map(({ values, shape }) => tensor(values, shape, 'float32'));
  const shape = f(...tensors).shape;
  const arriving = numbers(shape, 99);
  const { value, grads } = valueAndGrads(f)(tensors, tensor(arriving.values, shape, 'float32'));
  return Promise.all([value, ...grads].map(async (each) => (await each.data()) as Float32Array));
}

/** Ours on the card, and the plain form on tfjs's processor backend. */
async function expectSame(
  ours: (...inputs: Tensor<Rank>[]) => Tensor,
  plain: (...inputs: Tensor<Rank>[]) => Tensor,
  inputs: readonly Numbers[],
  tolerance = 2e-5,
): Promise<void> {
  await setBackend('webgpu');
  const got = await both(ours, inputs);
  await setBackend('cpu');
  const want = await both(plain, inputs);
  await setBackend('webgpu');
  expect(got.length).toBe(want.length);
  for (const [n, wanted] of want.entries()) expectClose(got[n] as Float32Array, wanted, tolerance);
}

/** Each difference beside the largest number. */
function expectClose(got: Float32Array, want: Float32Array, tolerance: number): void {
  expect(got.length).toBe(want.length);
  const most = want.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  let worst = 0;
  for (const [i, value] of want.entries()) {
    const error = Math.abs((got[i] as number) - value) / most;
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  expect(worst).toBeLessThan(tolerance);
}

const ROTARY = { theta: 10_000 };

test.each([
  { name: 'full', batch: 2, length: 70, heads: 2, headDim: 8, window: [Infinity, Infinity] },
  { name: 'window', batch: 1, length: 131, heads: 1, headDim: 4, window: [5, 5] },
  { name: 'causal', batch: 2, length: 37, heads: 3, headDim: 12, window: [Infinity, 0] },
  { name: 'causal window', batch: 1, length: 97, heads: 1, headDim: 64, window: [7, 0] },
  { name: 'one token', batch: 3, length: 1, heads: 2, headDim: 16, window: [3, 3] },
])('attention: $name', async ({ batch, length, heads, headDim, window }) => {
  const hiddenSize = heads * headDim;
  const bias = { qkv: false, out: false };
  const sees = { window: [window[0] as number, window[1] as number] } as const;
  const spec: AttentionSpec = { heads, kvHeads: heads, headDim, bias, rotary: ROTARY, sees };
  const on = (f: typeof attention) => {
    return (qkv: Tensor) => f(spec, new Geometry(length), qkv as Tensor2D);
  };
  await expectSame(on(attention), on(PLAIN.attention), [numbers([batch * length, 3 * hiddenSize], 1)], 5e-5);
});

test.each([
  { rows: 3, width: 7, vocab: 5, bias: true, scratch: 2 ** 22 },
  { rows: 70, width: 33, vocab: 200, bias: true, scratch: 70 * 64 },
  { rows: 65, width: 16, vocab: 129, bias: false, scratch: 1 },
])('cross-entropy: $rows rows, $vocab tokens', async ({ rows, width, vocab, bias, scratch }) => {
  const targets = Int32Array.from({ length: rows }, (_, i) => (i * 37 + 1) % vocab);
  const plain = crossEntropyWith(matMul);
  const inputs = [numbers([rows, width], 1), numbers([vocab, width], 2), numbers([vocab], 3)];
  await expectSame(
    (h, e, b) => crossEntropyWithin(h as Tensor2D, e as Tensor2D, b, targets, scratch),
    (h, e, b) => plain(h as Tensor2D, e as Tensor2D, b, targets),
    bias ? inputs : inputs.slice(0, 2),
  );
});

test.each([
  [5, 3],
  [70, 64],
  [33, 130],
])('norm: %i rows of %i', async (rows, width) => {
  await expectSame(
    (x, scale) => norm(x as Tensor2D, scale as Tensor, 1e-5),
    (x, scale) => PLAIN.norm(x as Tensor2D, scale as Tensor, undefined, 1e-5),
    [numbers([rows, width], 1), numbers([width], 2)],
  );
});

test.each([
  [1, 3],
  [67, 65],
])('gated GELU: %i rows of %i', async (rows, width) => {
  const input = numbers([rows, 2 * width], 1, 3);
  await expectSame(
    (x) => gate(x as Tensor2D),
    (x) => PLAIN.gate(x as Tensor2D),
    [input],
  );
});

test.each([
  { rows: 5, depth: 7, columns: 3 },
  { rows: 2001, depth: 3, columns: 5 },
  { rows: 3, depth: 2003, columns: 66 },
  { rows: 65, depth: 2, columns: 2005 },
])('product: $rows × $depth × $columns', async ({ rows, depth, columns }) => {
  await expectSame(
    (a, b) => multiply(a as Tensor2D, b as Tensor2D),
    (a, b) => matMul(a, b),
    [numbers([rows, depth], 1), numbers([depth, columns], 2)],
  );
});

test('rows of an embedding are added up in the order of their positions, to the bit', async () => {
  const [rows, width] = [40, 70];
  const ids = Int32Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 4 : (i * 7) % rows));
  const { values, shape } = numbers([ids.length, width], 1);
  const got = await addRows(tensor(values, shape as [number, number]), ids, rows, width).data();
  expect(got).toEqual(plainAddRows(values, ids, rows, width));
});

test.each([1e9, 60])('AdamW is its twin, in buffers of at most %i numbers', async (most) => {
  const how: AdamW = { lr: 0.01, weightDecay: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, clip: 1.5 };
  const shapes = { matrix: [7, 5], bias: [9], table: [11, 3], scale: [4] };
  const names = Object.keys(shapes) as (keyof typeof shapes)[];
  const start = new Map(names.map((name, i) => [name as string, numbers(shapes[name], i)]));
  const parameters = new Map([...start].map(([name, { values, shape }]) => [name, tensor(values, shape)]));
  const optimiser = new GpuOptimiser(parameters, most);
  const twins = new Map(
    [...start].map(([name, { values }]) => {
      const { length } = values;
      return [name, { parameter: values.slice(), first: new Float32Array(length), second: new Float32Array(length) }];
    }),
  );
  for (let step = 1; step <= 3; step++) {
    const gradients = new Map(names.map((name, i) => [name as string, numbers(shapes[name], 10 * step + i)]));
    const asTensors = [...gradients].map(([name, { values, shape }]) => [name, tensor(values, shape)] as const);
    const norm = await optimiser.apply(new Map(asTensors), how);
    const squares = [...gradients.values()].flatMap(({ values }) => [...values]).reduce((sum, g) => sum + g * g, 0);
    expect(Math.abs(norm / Math.sqrt(squares) - 1)).toBeLessThan(1e-6);
    const factor = clipFactor(Math.sqrt(squares), how.clip);
    for (const [name, { parameter, ...moments }] of twins) {
      const { values, shape } = gradients.get(name) as Numbers;
      update(parameter, values, moments, how, { step, factor, decays: shape.length > 1 });
    }
  }
  for (const [name, { parameter, first, second }] of await optimiser.read()) {
    const twin = twins.get(name) as typeof twins extends Map<string, infer T> ? T : never;
    expectClose(parameter, twin.parameter, 1e-5);
    expectClose(first, twin.first, 1e-5);
    expectClose(second, twin.second, 1e-5);
    expectClose((await parameters.get(name)?.data()) as Float32Array, twin.parameter, 1e-5);
  }
  optimiser.dispose();
});
