import { expect, test } from 'vitest';
import { toFloat32 } from '../checkpoint/half.ts';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { initialWeights, PLAIN_START } from './initial-weights.ts';

/** Standard deviation of a normal value that is cut at two of them. */
const CUT_DEVIATION = 0.8796;

test('fresh weights have the shapes of a checkpoint and the spread of Hugging Face’s', async () => {
  const { arch, weights } = await openGolden('biases');
  const fresh = initialWeights(arch, 7);
  const shapes = (tensors: typeof weights.tensors) => [...tensors].map(([name, { shape }]) => [name, shape]);
  expect(shapes(fresh.tensors)).toEqual(shapes(weights.tensors));
  expect(fresh.parameters).toBe(weights.parameters);

  const read = async (name: string) => toFloat32(await fresh.read(name), 'F32');
  const narrow = 0.02 / Math.sqrt(2 * arch.layers.length);
  for (const [name, width] of [
    ['embeddings', 0.02],
    ['layers.1.qkv', 0.02],
    ['layers.1.mlpOut', narrow],
    ['head.dense', narrow],
  ] as const) {
    const values = await read(name);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    expect(Math.abs(deviation / (width * CUT_DEVIATION) - 1)).toBeLessThan(0.05);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(2 * width * 1.0001);
  }
  expect(new Set(await read('finalNorm'))).toEqual(new Set([1]));
  expect(new Set(await read('layers.0.qkv.bias'))).toEqual(new Set([0]));
});

test('those of BERT and Llama are normal, of one width everywhere, and padding is empty', async () => {
  const { arch } = await openGolden('biases');
  const fresh = initialWeights({ ...arch, ids: { ...arch.ids, pad: 3 } }, 7, PLAIN_START);
  const read = async (name: string) => toFloat32(await fresh.read(name), 'F32');
  for (const name of ['embeddings', 'layers.1.qkv', 'layers.1.mlpOut']) {
    const values = await read(name);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    expect(Math.abs(deviation / 0.02 - 1)).toBeLessThan(0.05);
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(2.5 * 0.02);
  }
  const embeddings = await read('embeddings');
  const row = (id: number) => new Set(embeddings.subarray(id * arch.width, (id + 1) * arch.width));
  expect(row(3)).toEqual(new Set([0]));
  expect(row(4).size).toBeGreaterThan(arch.width / 2);
});

test('fresh weights follow from the seed', async () => {
  const { arch } = await openGolden('base');
  const one = await initialWeights(arch, 1).read('layers.0.qkv');
  expect(await initialWeights(arch, 1).read('layers.0.qkv')).toEqual(one);
  expect(await initialWeights(arch, 2).read('layers.0.qkv')).not.toEqual(one);
  expect(await initialWeights(arch, 1).read('layers.1.qkv')).not.toEqual(one);
});
