/** Against bitsandbytes (a case of our own), by hand, and, where they lie beside the repository, the collected numbers. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { stepKey, word } from '../diffusion/rng.ts';
import {
  DYNAMIC_MAP,
  dequantise,
  FEW_BITS,
  nestAbsmax,
  nf4Blocks,
  packNibbles,
  quantise,
  restoreAbsmax,
  unpackNibbles,
} from './few-bits.ts';

const json = (url: URL) => JSON.parse(readFileSync(url, 'utf8'));
const values = (length: number, seed: number, gain = 1) =>
  Float32Array.from({ length }, (_, i) => gain * (word(stepKey(seed, 0, 0), i, 0) / 2 ** 31 - 1));
const worst = (got: ArrayLike<number>, want: readonly number[]) =>
  want.reduce((most, value, i) => Math.max(most, Math.abs((got[i] as number) - value)), got.length - want.length);

test('int4 divides by the extreme over −8, rounds ties to even, and begins a group every 32 values of a row', () => {
  const row = new Float32Array(34);
  row.set([8, -7, 0.5, 1.5, -0.5, -2.5, -8, 7.4]);
  row.set([-3, 2.9], 32);
  const { codes, scales } = quantise(row, 34, 'int4');
  expect([...scales]).toEqual([-1, 0.375]);
  // 8 → 0, −7 → 15, ties 7.5 → 8, 6.5 → 6, 8.5 → 8, 10.5 → 10; 16 is cut to 15.
  expect([...codes.subarray(0, 8)]).toEqual([0, 15, 8, 6, 8, 10, 15, 1]);
  expect([...codes.subarray(8, 32)]).toEqual(new Array(24).fill(8));
  expect([...codes.subarray(32)]).toEqual([0, 15]);
});

test('int4 scales are bfloat16, so that any size of weights keeps them', () => {
  for (const gain of [1e-30, 1e-6, 1, 1e20]) {
    const { scales } = quantise(values(64, 1, gain), 64, 'int4');
    const bits = new Uint32Array(scales.buffer);
    expect([...bits].every((word) => (word & 0xffff) === 0)).toBe(true);
    expect(Math.abs(scales[0] as number)).toBeGreaterThan(gain / 20);
  }
});

test('int8 is within half a step of every value, row by row', () => {
  const [rows, columns] = [9, 37];
  const exact = values(rows * columns, 3).map((value, i) => value * 10 ** (Math.floor(i / columns) - 4));
  const coded = quantise(exact, columns, 'int8');
  const back = dequantise(coded);
  coded.scales.forEach((scale, row) => {
    const [from, to] = [row * columns, (row + 1) * columns];
    expect(worst(back.subarray(from, to), [...exact.subarray(from, to)])).toBeLessThanOrEqual(0.5001 * scale);
    expect(Math.max(...new Int8Array(coded.codes.buffer, from, columns).map(Math.abs))).toBe(127);
  });
});

test.each(FEW_BITS)('%s gives zeros for zeros, and what was dequantised gives the same codes again', (kind) => {
  expect([...dequantise(quantise(new Float32Array(140), 70, kind))].every((value) => value === 0)).toBe(true);
  const once = quantise(values(70 * 33, 2), 33, kind);
  const again = quantise(dequantise(once), 33, kind);
  expect(again.codes).toEqual(once.codes);
  if (kind !== 'nf4') expect(again.scales).toEqual(once.scales);
});

test('nf4 with double quantisation is that of bitsandbytes to the bit', () => {
  const c = json(new URL('./testing/nf4.json', import.meta.url));
  const exact = Float32Array.from(c.values as number[]);
  const { codes, absmax } = nf4Blocks(exact);
  const nested = nestAbsmax(absmax);
  expect([...packNibbles(codes, 'nf4')]).toEqual(c.packed);
  expect([...nested.codes]).toEqual(c.absmaxCodes);
  expect([...nested.absmax]).toEqual([...Float32Array.from(c.nestedAbsmax as number[])]);
  expect(nested.offset).toBe(Math.fround(c.offset));
  const got = dequantise(quantise(exact, c.shape[1], 'nf4'));
  expect([...got]).toEqual([...Float32Array.from(c.dequantised as number[])]);
  // Some of its rows alone.
  const rows = { kind: 'nf4' as const, columns: 50, codes: codes.slice(50, 150), scales: restoreAbsmax(nested) };
  expect([...dequantise(rows, 50)]).toEqual([...got.subarray(50)]);
});

test('the map of nested scales is ascending, has 0 and 1, and both signs of all others', () => {
  expect(DYNAMIC_MAP).toHaveLength(256);
  expect(DYNAMIC_MAP.every((value, i) => i === 0 || value > (DYNAMIC_MAP[i - 1] as number))).toBe(true);
  expect(DYNAMIC_MAP.filter((value) => !DYNAMIC_MAP.includes(-value))).toEqual(Float32Array.of(1));
});

test.each(['int4', 'nf4'] as const)('%s packs two codes to a byte and any part comes back', (kind) => {
  const codes = Uint8Array.of(1, 15, 0, 9, 4);
  const packed = packNibbles(codes, kind);
  expect(packed[0]).toBe(kind === 'int4' ? 0xf1 : 0x1f);
  expect(unpackNibbles(packed, kind, 0, 5)).toEqual(codes);
  expect(unpackNibbles(packed, kind, 1, 4)).toEqual(codes.slice(1, 4));
});

const shared = new URL('../../../shared/golden/', import.meta.url);

describe.skipIf(!existsSync(shared))('collected golden numbers', () => {
  test('int4: codes of ONNX Runtime’s reference, scales within the rounding of bfloat16', () => {
    type Case = {
      K: number;
      N: number;
      block: number;
      symmetric: boolean;
      weight_by_output: number[][];
      packed: unknown[];
      scales: unknown[];
    };
    const { cases } = json(new URL('int4_groups.json', shared)) as { cases: Case[] };
    for (const c of cases.filter(({ block, symmetric }) => symmetric && block === 32)) {
      const { codes, scales } = quantise(Float32Array.from(c.weight_by_output.flat()), c.K, 'int4');
      const stride = 32 * Math.ceil(c.K / 32);
      const want = unpackNibbles(Uint8Array.from(c.packed.flat(3) as number[]), 'int4');
      for (let n = 0; n < c.N; n++) {
        expect([...codes.subarray(n * c.K, (n + 1) * c.K)]).toEqual([...want.subarray(n * stride, n * stride + c.K)]);
      }
      (c.scales.flat(2) as number[]).forEach((scale, i) => {
        expect(Math.abs((scales[i] as number) - scale)).toBeLessThanOrEqual(Math.abs(scale) / 256);
      });
    }
  });

  test('nf4: every code, and every nested one', () => {
    const { cases, many_blocks: many } = json(new URL('nf4.json', shared));
    for (const c of cases.filter(({ blocksize }: { blocksize: number }) => blocksize === 64)) {
      const { codes, absmax } = nf4Blocks(Float32Array.from(c.values.flat(2) as number[]));
      expect([...packNibbles(codes, 'nf4')]).toEqual(c.packed);
      const scales = c.nested ? restoreAbsmax(nestAbsmax(absmax)) : absmax;
      const got = dequantise({ kind: 'nf4', columns: c.shape[1], codes, scales });
      // Its map of nested scales is that of an older PyTorch, whose linspace rounded otherwise.
      expect(worst(got, c.dequantised.flat(2))).toBeLessThanOrEqual(1e-6 * Math.max(...absmax));
    }
    const nested = nestAbsmax(Float32Array.from(many.absmax as number[]));
    expect([...nested.codes]).toEqual(many.absmax_codes);
  });
});
