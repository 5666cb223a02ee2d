/**
 * Tolerance: outputs are weighted means of unit-normal values; `exp` of WGSL is exact to 3 + 2|x| units in the last
 * place, which for scores spread over ±10 is 3e-6 of a weight. 5e-6 is asked.
 */
import { describe, expect, test } from 'vitest';
import { SEES_ALL, type Sees } from '../../model/arch.ts';
import { strideOf } from '../pack.ts';
import { testDevice } from '../testing/gpu.ts';
import { noise, pad, unpad, worstError } from '../testing/numbers.ts';
import { runKernel } from '../testing/run.ts';
import {
  ATTENTIONS,
  type AttentionForm,
  attentionConstants,
  attentionWorkgroups,
  type Heads,
  twin,
} from './attention.ts';

const { gpu } = await testDevice();
const TOLERANCE = 5e-6;
const FORMS: readonly AttentionForm[] = gpu.features.has('subgroups') ? ['tiled', 'subgroup'] : ['tiled'];
const FULL = SEES_ALL;

async function run(
  form: AttentionForm,
  qkv: Float32Array,
  heads: Heads,
  sees: Sees,
  from = 0,
  end?: number,
): Promise<Float32Array> {
  const width = heads.heads * heads.headDim;
  const positions = qkv.length / (3 * width);
  const rows = (end ?? positions) - from;
  const data = {
    0: new Uint32Array([rows, from, positions - from - rows]),
    1: pad(qkv, 3 * width, strideOf(3 * width)),
    2: new Float32Array(rows * strideOf(width)),
  };
  const constants = attentionConstants(form, heads, sees);
  const groups = attentionWorkgroups(form, heads, rows);
  const result = await runKernel(gpu, ATTENTIONS[form], constants, data, groups, 2);
  return unpad(new Float32Array(result), width, strideOf(width));
}

async function check(
  form: AttentionForm,
  rows: number,
  heads: Heads,
  sees: Sees,
  gain = 1.5,
  tolerance = TOLERANCE,
): Promise<void> {
  const qkv = noise(rows * 3 * heads.heads * heads.headDim, rows, gain);
  expect(worstError(await run(form, qkv, heads, sees), twin(qkv, heads, sees))).toBeLessThan(gain * tolerance);
}

describe.each(FORMS)('attention, %s', (form) => {
  test.each([1, 15, 16, 17, 33, 70])('%i tokens, every key visible', (rows) =>
    check(form, rows, { heads: 2, headDim: 16 }, FULL),
  );

  test.each([4, 12, 32, 48, 64, 100, 128])('heads of %i', (headDim) => check(form, 37, { heads: 1, headDim }, FULL));

  test.each<[string, Sees]>([
    ['sliding, 4 to each side', { window: [4, 4] }],
    ['sliding, wider than a tile', { window: [40, 40] }],
    ['causal', { window: [Infinity, 0] }],
    ['causal and sliding', { window: [7, 0] }],
    ['the query alone', { window: [0, 0] }],
    ['lopsided', { window: [3, 19] }],
  ])('window: %s', (_, window) => check(form, 100, { heads: 1, headDim: 16 }, window));

  test.each<[string, Sees, number, number]>([
    ['a block in the middle', FULL, 37, 53],
    ['a block at the edge of a window', { window: [20, 20] }, 64, 81],
    ['the last query of a text', { window: [Infinity, 0] }, 99, 100],
    ['the last queries in a window', { window: [9, 0] }, 95, 100],
    ['the first queries', { window: [9, 30] }, 0, 17],
  ])('%s, among keys of an earlier pass', async (_, window, from, to) => {
    const heads = { heads: 2, headDim: 16 };
    const qkv = noise(100 * 3 * 32, from, 1.5);
    const want = twin(qkv, heads, window, from, to);
    expect(want.length).toBe((to - from) * 32);
    expect(worstError(await run(form, qkv, heads, window, from, to), want)).toBeLessThan(1.5 * TOLERANCE);
  });

  // Scores of ±400 are rounded to 3e-5 in f32, and a weight inherits that as a relative error.
  test('sharp scores far apart', () => check(form, 40, { heads: 1, headDim: 16 }, FULL, 10, 1e-4));

  test('a lone token gets its own value', async () => {
    const qkv = noise(3 * 16, 1);
    expect([...(await run(form, qkv, { heads: 1, headDim: 16 }, FULL))]).toEqual([...qkv.subarray(32)]);
  });
});
