/** Tolerance: normed values are of unit size; mean and variance are f32 sums of up to 1024 terms, exact to a few 1e-7. */
import { describe, expect, test } from 'vitest';
import { strideOf } from '../pack.ts';
import type { PackedType } from '../precision.ts';
import { testDevice } from '../testing/gpu.ts';
import { noise, pad, storedNoise, unpad, worstError } from '../testing/numbers.ts';
import { runKernel } from '../testing/run.ts';
import { embed, embedConstants, reference as embedReference } from './embed.ts';
import { norm, normConstants, reference as normReference } from './norm.ts';
import { writeRows } from './rows.ts';

const { gpu } = await testDevice();
const TOLERANCE = 3e-6;

function scaleOf(features: number) {
  const weight = noise(features, 8);
  const bias = noise(features, 9);
  return { weight, bias, packed: pad(Float32Array.of(...weight, ...bias), features, strideOf(features)) };
}

const KINDS = [{ kind: 'layer', eps: 1e-5 } as const, { kind: 'rms', eps: 1e-6 } as const];

describe.each(KINDS)('norm over norm_rows, $kind', (how) => {
  test.each([
    [1, 2],
    [5, 50],
    [3, 768],
  ])('%i rows of %i', async (rows, features) => {
    const stride = strideOf(features);
    const x = noise(rows * features, 1, 3).map((value) => value + 10);
    const { weight, bias, packed } = scaleOf(features);
    // The results stand in the reverse order.
    const table = writeRows(
      Array.from({ length: rows }, (_, i) => ({ id: 0, position: 0, place: 0, hidden: rows - 1 - i })),
    );
    const data = { 1: pad(x, features, stride), 3: packed, 4: new Float32Array(rows * stride), 5: table };
    const result = await runKernel(gpu, norm, normConstants(features, how), data, [rows], 4);
    const want = normReference(x, features, how, weight, bias);
    const got = unpad(new Float32Array(result), features, stride);
    const turned = Array.from({ length: rows }, (_, i) => [
      ...got.subarray((rows - 1 - i) * features, (rows - i) * features),
    ]).flat();
    // rms values reach 4 where the mean stays in.
    expect(worstError(turned, want)).toBeLessThan(how.kind === 'rms' ? 2 * TOLERANCE : TOLERANCE);
  });
});

test('without a norm rows are copied', async () => {
  const x = noise(3 * 50, 1);
  const table = writeRows([0, 1, 2].map((hidden) => ({ id: 0, position: 0, place: 0, hidden })));
  const data = { 1: pad(x, 50, 64), 4: new Float32Array(3 * 64), 5: table };
  const result = await runKernel(gpu, norm, normConstants(50, undefined), data, [3], 4);
  expect([...unpad(new Float32Array(result), 50, 64)]).toEqual([...x]);
});

describe('embed', () => {
  const [vocab, features, split] = [101, 50, 64];
  const stride = strideOf(features);
  const ids = [0, 100, 63, 64, 65, 7, 7];
  const positions = [0, 1, 2, 70, 4, 9, 0];
  const rows = writeRows(ids.map((id, i) => ({ id, position: positions[i] as number, place: 0, hidden: 0 })));
  const { weight, bias, packed } = scaleOf(features);

  function pack(table: ReturnType<typeof storedNoise>, from: number, to: number, dtype: PackedType) {
    const part = { dtype, rows: to - from, columns: features };
    const rowOrder = Int32Array.from({ length: to - from }, (_, row) => from + row);
    const words = table.pack(part, rowOrder);
    return { part, words };
  }

  test.each<PackedType>(['F32', 'F16', 'BF16', 'I8'])('%s, in one part or two', async (dtype) => {
    const table = storedNoise(vocab * features, 2, dtype, 1, features);
    const how = { kind: 'layer', eps: 1e-5 } as const;
    const plain = embedReference(ids, positions, { tokens: table.values }, features);
    const want = normReference(plain, features, how, weight, bias);

    async function run(from: number, to: number, y: Float32Array<ArrayBuffer>) {
      const { part, words } = pack(table, from, to, dtype);
      const data = { 1: rows, 2: words, 3: packed, 4: y };
      const constants = embedConstants({ table: part, first: from, norm: how, tokenTypes: false, stats: false });
      return new Float32Array(await runKernel(gpu, embed, constants, data, [ids.length], 4));
    }
    const empty = new Float32Array(ids.length * stride);
    expect(worstError(unpad(await run(0, vocab, empty), features, stride), want)).toBeLessThan(TOLERANCE);
    const both = await run(split, vocab, await run(0, split, empty));
    expect(worstError(unpad(both, features, stride), want)).toBeLessThan(TOLERANCE);
  });

  test.each([
    ['learned positions, token types and a norm', 2, true, { kind: 'layer', eps: 1e-12 } as const],
    ['learned positions alone', 0, false, undefined],
    ['token types alone', undefined, true, { kind: 'rms', eps: 1e-6 } as const],
    ['tokens alone', undefined, false, undefined],
  ])('%s, and the moments of what is left', async (_, positionOffset, tokenTypes, how) => {
    const tokens = storedNoise(vocab * features, 2, 'F32', 1, features);
    const table = storedNoise(73 * features, 3, 'F32', 1, features);
    const types = storedNoise(2 * features, 4, 'F32', 1, features);
    const learned = positionOffset === undefined ? undefined : { table: table.values, offset: positionOffset };
    const tables = { tokens: tokens.values, positions: learned, types: tokenTypes ? types.values : undefined };
    const plain = embedReference(ids, positions, tables, features);
    const want = how ? normReference(plain, features, how, weight, bias) : plain;
    const { part, words } = pack(tokens, 0, vocab, 'F32');
    const data = {
      1: rows,
      2: words,
      3: packed,
      4: new Float32Array(ids.length * stride),
      5: pack(table, 0, 73, 'F32').words,
      6: pack(types, 0, 2, 'F32').words,
      7: new Float32Array(4 * 2 * ids.length),
    };
    const constants = embedConstants({ table: part, first: 0, norm: how, positionOffset, tokenTypes, stats: true });
    const run = async (binding: number) =>
      new Float32Array(await runKernel(gpu, embed, constants, data, [ids.length], binding));
    const got = unpad(await run(4), features, stride);
    expect(worstError(got, want)).toBeLessThan(TOLERANCE);
    const stats = await run(7);
    ids.forEach((_id, row) => {
      [got.subarray(row * 50, row * 50 + 32), got.subarray(row * 50 + 32, row * 50 + 50)].forEach((piece, i) => {
        const mean = piece.reduce((a, b) => a + b, 0) / piece.length;
        const squares = piece.reduce((a, b) => a + (b - mean) ** 2, 0);
        const at = 4 * (2 * row + i);
        expect(worstError([stats[at], stats[at + 1]] as number[], [mean, squares])).toBeLessThan(1e-4);
      });
    });
  });
});
