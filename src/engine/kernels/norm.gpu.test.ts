/** Tolerance: normed values are of unit size; mean and variance are f32 sums of up to 1024 terms, exact to a few 1e-7. */
import { describe, expect, test } from 'vitest';
import { packMatrix, strideOf } from '../pack.ts';
import type { PackedType } from '../precision.ts';
import { testDevice } from '../testing/gpu.ts';
import { noise, pad, storedNoise, unpad, worstError } from '../testing/numbers.ts';
import { runKernel } from '../testing/run.ts';
import { embed, embedConstants, twin as embedTwin } from './embed.ts';
import { norm, normConstants, twin as normTwin } from './norm.ts';

const { gpu } = await testDevice();
const TOLERANCE = 3e-6;

function scaleOf(features: number) {
  const weight = noise(features, 8);
  const bias = noise(features, 9);
  return { weight, bias, packed: pad(Float32Array.of(...weight, ...bias), features, strideOf(features)) };
}

describe('norm over norm_rows', () => {
  test.each([
    [1, 2],
    [5, 50],
    [3, 768],
  ])('%i rows of %i', async (rows, features) => {
    const stride = strideOf(features);
    const x = noise(rows * features, 1, 3).map((value) => value + 10);
    const { weight, bias, packed } = scaleOf(features);
    const data = { 1: pad(x, features, stride), 3: packed, 4: new Float32Array(rows * stride) };
    const result = await runKernel(gpu, norm, normConstants(features, 1e-5), data, [rows], 4);
    const want = normTwin(x, features, weight, bias, 1e-5);
    expect(worstError(unpad(new Float32Array(result), features, stride), want)).toBeLessThan(TOLERANCE);
  });
});

describe('embed', () => {
  test.each<PackedType>(['F32', 'F16', 'BF16', 'I8'])('%s, in one part or two', async (dtype) => {
    const [vocab, features, split] = [101, 50, 64];
    const stride = strideOf(features);
    const table = storedNoise(vocab * features, 2, dtype, 1, features);
    const ids = Uint32Array.of(0, 100, 63, 64, 65, 7, 7);
    const { weight, bias, packed } = scaleOf(features);
    const want = embedTwin(ids, table.values, features, weight, bias, 1e-5);

    async function run(from: number, to: number, y: Float32Array<ArrayBuffer>) {
      const part = { dtype, rows: to - from, columns: features };
      const rowOrder = Int32Array.from({ length: to - from }, (_, row) => from + row);
      const words = packMatrix(table.bytes, part, { stored: table.stored, storedColumns: features, rowOrder });
      const data = { 1: ids, 2: words, 3: packed, 4: y };
      return new Float32Array(await runKernel(gpu, embed, embedConstants(part, 1e-5, from), data, [ids.length], 4));
    }
    const empty = new Float32Array(ids.length * stride);
    expect(worstError(unpad(await run(0, vocab, empty), features, stride), want)).toBeLessThan(TOLERANCE);
    const both = await run(split, vocab, await run(0, split, empty));
    expect(worstError(unpad(both, features, stride), want)).toBeLessThan(TOLERANCE);
  });
});
