/** Tolerance: sums of K products of unit-normal values, rounded in another order. */
import { describe, expect, test } from 'vitest';
import { strideOf } from '../pack.ts';
import { testDevice } from '../testing/gpu.ts';
import { noise, pad, storedNoise, worstError } from '../testing/numbers.ts';
import { runKernel } from '../testing/run.ts';
import { pick, pickConstants, reference } from './pick.ts';

const { gpu } = await testDevice();

describe('pick', () => {
  test.each([
    [1, 32, 70, 'F32'],
    [7, 40, 300, 'F16'],
    [70, 130, 65, 'BF16'],
    [9, 72, 90, 'I8'],
    [9, 72, 90, 'I4'],
    [9, 128, 90, 'NF4'],
  ] as const)('%i slots of %i features, %i tokens in %s', async (rows, k, vocab, dtype) => {
    const at = Uint32Array.from({ length: rows }, (_, i) => 3 + 2 * i + (i % 3));
    const hidden = noise((3 + 2 * rows + 2) * k, 1);
    const bias = noise(vocab, 3);
    const { values, pack } = storedNoise(vocab * k, 2, dtype, 1, k);
    const ids = Uint32Array.from({ length: rows }, (_, row) => (row * 37) % vocab);
    const matrix = { dtype, rows: vocab, columns: k };
    const data = {
      1: pad(hidden, k, strideOf(k)),
      2: pack(matrix),
      3: bias,
      4: ids,
      5: new Float32Array(rows),
      6: at,
    };
    const result = await runKernel(gpu, pick, pickConstants(matrix, 0), data, [rows], 5);
    const got = new Float32Array(result).subarray(0, rows);
    const want = reference(hidden, values, bias, k, ids, at);
    expect(worstError(got, want)).toBeLessThan(1e-5 * Math.sqrt(k));
  });

  test('a part of the vocabulary leaves the tokens of other parts alone', async () => {
    const [k, first] = [32, 64];
    const hidden = noise(3 * k, 1);
    const bias = noise(200, 3);
    const { values, pack } = storedNoise(70 * k, 2, 'F32', 1, k);
    const matrix = { dtype: 'F32', rows: 70, columns: k } as const;
    const data = {
      1: hidden,
      2: pack(matrix),
      3: bias,
      4: Uint32Array.of(63, 100, 134),
      5: Float32Array.of(5, 5, 5),
      6: Uint32Array.of(0, 1, 2),
    };
    const result = new Float32Array(await runKernel(gpu, pick, pickConstants(matrix, first), data, [3], 5));
    const want = reference(hidden.subarray(k), values, bias.subarray(first), k, [100 - first], [0])[0] as number;
    expect([result[0], result[2]]).toEqual([5, 5]);
    expect(Math.abs((result[1] as number) - want)).toBeLessThan(1e-4);
  });
});
