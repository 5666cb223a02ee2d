/** Each kernel with its gradient against the plain tfjs form, which derives its own on the tape, over odd sizes. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import {
  matMul,
  mul,
  type Rank,
  type Scalar,
  setBackend,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor,
  tensor1d,
  tensor2d,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { stepKey, uniform, word } from '../../diffusion/rng.ts';
import { type AttentionSpec, type Norm, qkvRows, type Sees } from '../../model/arch.ts';
import { type AdamW, clipFactor, update } from '../adamw.ts';
import type { HeadScales } from '../attention.ts';
import { editLoss, rateLoss } from '../edit-loss.ts';
import { Geometry } from '../geometry.ts';
import { crossEntropyWith } from '../gradients/cross-entropy.ts';
import { addRows as plainAddRows } from '../gradients/plain.ts';
import { type Ops, PLAIN } from '../network.ts';
import { tfjsOnWebGpu } from '../testing/gpu.ts';
import { crossEntropy, crossEntropyWithin } from './cross-entropy.ts';
import { ON_WEBGPU } from './ops.ts';
import { GpuOptimiser } from './optimiser.ts';
import { addRows, multiply } from './parts.ts';

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

const ALL = Number.POSITIVE_INFINITY;
const ROTARY = { theta: 10_000 };

test.each<{
  name: string;
  batch: number;
  length: number;
  spec: Pick<AttentionSpec, 'heads' | 'kvHeads' | 'headDim'>;
  still?: true;
  sees: Sees;
}>([
  { name: 'full', batch: 2, length: 70, spec: { heads: 2, kvHeads: 2, headDim: 8 }, sees: { window: [ALL, ALL] } },
  { name: 'window', batch: 1, length: 131, spec: { heads: 1, kvHeads: 1, headDim: 4 }, sees: { window: [5, 5] } },
  { name: 'causal', batch: 2, length: 37, spec: { heads: 3, kvHeads: 3, headDim: 12 }, sees: { window: [ALL, 0] } },
  {
    name: 'causal window',
    batch: 1,
    length: 97,
    spec: { heads: 1, kvHeads: 1, headDim: 64 },
    sees: { window: [7, 0] },
  },
  { name: 'one token', batch: 3, length: 1, spec: { heads: 2, kvHeads: 2, headDim: 16 }, sees: { window: [3, 3] } },
  { name: 'grouped', batch: 2, length: 71, spec: { heads: 6, kvHeads: 2, headDim: 8 }, sees: { window: [ALL, 0] } },
  {
    name: 'wide heads',
    batch: 1,
    length: 83,
    spec: { heads: 4, kvHeads: 2, headDim: 128 },
    sees: { window: [ALL, ALL] },
  },
  {
    name: 'odd wide heads',
    batch: 1,
    length: 67,
    spec: { heads: 2, kvHeads: 1, headDim: 68 },
    sees: { window: [9, 2] },
  },
  { name: 'heads of 6', batch: 1, length: 9, spec: { heads: 2, kvHeads: 1, headDim: 6 }, sees: { window: [ALL, 0] } },
  { name: 'blocks', batch: 2, length: 69, spec: { heads: 2, kvHeads: 1, headDim: 8 }, sees: { blocks: 5 } },
  {
    name: 'noisy and clean',
    batch: 2,
    length: 134,
    spec: { heads: 2, kvHeads: 2, headDim: 8 },
    sees: { noisyAndClean: 7 },
  },
  // Halves that begin inside a tile of rows and with one; blocks within a tile, of tiles, and one alone.
  ...(
    [
      [2, 1],
      [134, 67],
      [206, 16],
      [256, 100],
    ] as const
  ).map(([length, block]) => ({
    name: `noisy and clean, ${length} rows in blocks of ${block}`,
    batch: 1,
    length,
    spec: { heads: 1, kvHeads: 1, headDim: 8 },
    sees: { noisyAndClean: block },
  })),
  {
    name: 'no rotation',
    batch: 2,
    length: 33,
    spec: { heads: 2, kvHeads: 2, headDim: 8 },
    still: true,
    sees: { window: [ALL, ALL] },
  },
])('attention: $name', async ({ batch, length, spec, sees, still }) => {
  const turns = still ? {} : { rotary: ROTARY };
  const whole: AttentionSpec = { bias: { qkv: false, out: false }, ...turns, ...spec, sees };
  const positions = 'noisyAndClean' in sees ? Int32Array.from({ length }, (_, i) => i % (length / 2)) : undefined;
  const on = (ops: Ops) => (qkv: Tensor) =>
    ops.attention(whole, new Geometry(length, { positions }), qkv as Tensor2D, undefined);
  await expectSame(on(ON_WEBGPU), on(PLAIN), [numbers([batch * length, qkvRows(whole)], 1)], 5e-5);
});

/**
 * The slope of `loss` along its gradient, beside the length of the gradient. Double differences of f32 sums of a thousand
 * terms, extrapolated to no step: good to a few thousandths.
 */
async function expectSlope(loss: (x: Tensor) => Tensor, { values, shape }: Numbers): Promise<void> {
  const { grads } = valueAndGrads((x: Tensor) => loss(x) as Scalar)([tensor(values, shape)]);
  const gradient = (await (grads[0] as Tensor).data()) as Float32Array;
  const norm = Math.hypot(...gradient);
  const along = async (step: number) => {
    const moved = values.map((value, i) => value + (step * (gradient[i] as number)) / norm);
    return (await loss(tensor(moved, shape)).data())[0] as number;
  };
  const slope = async (h: number) => ((await along(h)) - (await along(-h))) / (2 * h);
  const extrapolated = (4 * (await slope(0.1)) - (await slope(0.2))) / 3;
  expect(Math.abs(extrapolated / norm - 1)).toBeLessThan(5e-3);
}

test.each<Sees>([{ window: [7, 3] }, { blocks: 9 }, { noisyAndClean: 11 }])(
  'finite differences along the gradient of attention agree with it: %o',
  async (sees) => {
    await setBackend('webgpu');
    const spec: AttentionSpec = { heads: 2, kvHeads: 1, headDim: 8, bias: { qkv: false, out: false }, sees };
    const length = 142;
    const weights = tensor(numbers([length, 16], 5).values, [length, 16]);
    await expectSlope(
      (qkv) => sum(mul(ON_WEBGPU.attention(spec, new Geometry(length), qkv as Tensor2D, undefined), weights)),
      numbers([length, qkvRows(spec)], 4, 0.5),
    );
  },
);

describe('finite differences along the gradient of the loss of edits', () => {
  const rows = 37;
  test('agree with it for the rates', async () => {
    await setBackend('webgpu');
    const part = (seed: number) => {
      const { values, shape } = numbers([rows, 3], seed);
      return tensor2d(values.map(Math.abs), shape as [number, number]);
    };
    await expectSlope((x) => sum(rateLoss(x as Tensor2D, part(6), part(7))), numbers([rows, 3], 8));
  });

  test.each([0, 1] as const)('agree with it for all heads, with rows that answer for the slot %i on', async (shift) => {
    await setBackend('webgpu');
    const [width, vocab] = [13, 29];
    const matrix = (shape: [number, number], seed: number) => tensor2d(numbers(shape, seed, 0.5).values, shape);
    const tokens = (seed: number) => ({
      matrix: matrix([vocab, width], seed),
      bias: tensor1d(numbers([vocab], seed + 1, 0.5).values),
    });
    const heads = {
      substitutions: tokens(10),
      insertions: tokens(12),
      rates: { matrix: matrix([width, 3], 14), bias: tensor1d([0.2, -0.3, 0.1]) },
    };
    const asked = (scored: number[]) => ({
      scored: Int32Array.from(scored),
      targets: Int32Array.from(scored, (slot) => (7 * slot + 2) % vocab),
      weights: Float32Array.from(scored, (slot) => 0.1 + 0.01 * slot),
    });
    // The second text is shorter than its row.
    const edits = {
      lengths: Int32Array.of(19, 11),
      rateWeights: Float32Array.of(0.05, 0.08),
      inserted: asked([0, 3, 18, 29]),
      removed: asked([5, 21]),
    };
    const question = { inputs: new Int32Array(38), length: 19, ...asked([2, 7, 24]), edits };
    const options = { ops: ON_WEBGPU, crossEntropy, room: (scored: number) => scored, shift };
    await expectSlope((h) => editLoss(h as Tensor2D, heads, question, options), numbers([38, width], 9, 0.5));
  });
});

test('attention with normed queries and keys', async () => {
  const spec: AttentionSpec = {
    heads: 4,
    kvHeads: 2,
    headDim: 12,
    queryKeyNorm: { kind: 'rms', eps: 1e-6, bias: false },
    bias: { qkv: false, out: false },
    rotary: ROTARY,
    sees: { window: [ALL, 0] },
  };
  const on = (ops: Ops) => (qkv: Tensor, query: Tensor, key: Tensor) =>
    ops.attention(spec, new Geometry(21), qkv as Tensor2D, { query, key } as HeadScales);
  const inputs = [numbers([42, qkvRows(spec)], 1), numbers([12], 2), numbers([12], 3)];
  await expectSame(on(ON_WEBGPU), on(PLAIN), inputs, 5e-5);
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

describe.each<Norm>([
  { kind: 'layer', eps: 1e-5, bias: false },
  { kind: 'layer', eps: 1e-12, bias: true },
  { kind: 'rms', eps: 1e-6, bias: false },
])('$kind norm, bias $bias', (spec) => {
  test.each([
    [5, 3],
    [70, 64],
    [33, 130],
  ])('%i rows of %i', async (rows, width) => {
    const on = (ops: Ops) => (x: Tensor, scale: Tensor, bias?: Tensor) =>
      ops.norm(spec, x as Tensor2D, scale as Tensor1D, bias as Tensor1D | undefined);
    const inputs = [numbers([rows, width], 1), numbers([width], 2), numbers([width], 3)];
    await expectSame(on(ON_WEBGPU), on(PLAIN), spec.bias ? inputs : inputs.slice(0, 2));
  });
});

test('a norm of more rows than workgroups fit in a line', async () => {
  const spec: Norm = { kind: 'rms', eps: 1e-6, bias: false };
  const [x, scale] = [numbers([32_770, 2], 1), numbers([2], 2)];
  await setBackend('webgpu');
  const answer = ON_WEBGPU.norm(spec, tensor(x.values, [32_770, 2]), tensor1d(scale.values), undefined);
  const got = (await answer.data()) as Float32Array;
  const want = got.map((_, i) => {
    const row = x.values.subarray(i - (i % 2), i - (i % 2) + 2) as Float32Array;
    const [a, b] = row as unknown as [number, number];
    return ((i % 2 === 0 ? a : b) / Math.sqrt((a * a + b * b) / 2 + 1e-6)) * (scale.values[i % 2] as number);
  });
  expectClose(got, want, 1e-5);
});

describe.each(['gelu', 'gelu-tanh', 'silu', 'relu'] as const)('%s', (kind) => {
  test.each([
    [1, 3],
    [67, 65],
  ])('gated and plain: %i rows of %i', async (rows, width) => {
    for (const form of ['gated', 'plain'] as const) {
      const on = (ops: Ops) => (x: Tensor) => ops.activate(form, kind, x as Tensor2D);
      await expectSame(on(ON_WEBGPU), on(PLAIN), [numbers([rows, 2 * width], 1, 3)]);
    }
  });

  test('far from zero nothing overflows', async () => {
    await setBackend('webgpu');
    const far = { shape: [1, 6], values: Float32Array.of(-1e4, -100, -30, 30, 100, 1e4) };
    const [value, slope] = await both((x) => mul(ON_WEBGPU.activate('plain', kind, x as Tensor2D), 1), [far]);
    expect([...(value as Float32Array)].map((x) => Math.round(x) + 0)).toEqual([0, 0, 0, 30, 100, 1e4]);
    expect((slope as Float32Array).every(Number.isFinite)).toBe(true);
  });
});

test.each([
  [1, 3],
  [37, 50],
])('bias: %i rows of %i', async (rows, width) => {
  const on = (ops: Ops) => (x: Tensor, bias: Tensor) => ops.shift(x as Tensor2D, bias as Tensor1D);
  await expectSame(on(ON_WEBGPU), on(PLAIN), [numbers([rows, width], 1), numbers([width], 2)]);
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

test.each([1e9, 60])('AdamW is that of plain TypeScript, in buffers of at most %i numbers', async (most) => {
  const how: AdamW = { lr: 0.01, weightDecay: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, clip: 1.5 };
  const shapes = { matrix: [7, 5], bias: [9], table: [11, 3], scale: [4] };
  const names = Object.keys(shapes) as (keyof typeof shapes)[];
  const start = new Map(names.map((name, i) => [name as string, numbers(shapes[name], i)]));
  const parameters = new Map([...start].map(([name, { values, shape }]) => [name, tensor(values, shape)]));
  const optimiser = new GpuOptimiser(parameters, most);
  const references = new Map(
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
    for (const [name, { parameter, ...moments }] of references) {
      const { values, shape } = gradients.get(name) as Numbers;
      update(parameter, values, moments, how, { step, factor, decays: shape.length > 1 });
    }
  }
  for (const [name, { parameter, first, second }] of await optimiser.read()) {
    const reference = references.get(name) as typeof references extends Map<string, infer T> ? T : never;
    expectClose(parameter, reference.parameter, 1e-5);
    expectClose(first, reference.first, 1e-5);
    expectClose(second, reference.second, 1e-5);
    expectClose((await parameters.get(name)?.data()) as Float32Array, reference.parameter, 1e-5);
  }
  optimiser.dispose();
});
