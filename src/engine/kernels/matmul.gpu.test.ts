/**
 * Tolerance: products of unit-normal x with weights of 1/√K have unit size, and the f32 sum of K ≤ 200 such terms is
 * within a few 1e-7 of the f64 sum; 3e-6 leaves room for the norm, and gelu adds 1e-7 of its own.
 */
import { describe, expect, test } from 'vitest';
import type { Activation, Norm } from '../../model/arch.ts';
import { gatedRows, packMatrix, packVector, qkvOrder, strideOf } from '../pack.ts';
import type { PackedType } from '../precision.ts';
import { testDevice } from '../testing/gpu.ts';
import { noise, pad, storedNoise, unpad, worstError } from '../testing/numbers.ts';
import { runKernel } from '../testing/run.ts';
import { activationReference } from './activation.ts';
import { rotaryReference, rotaryTable } from './heads.ts';
import {
  Epilogue,
  FORM_FEATURE,
  gateReference,
  MATMULS,
  type MatmulOptions,
  matmulConstants,
  matmulWorkgroups,
  outputColumns,
  PIECE,
  reference,
  TILES,
  type Tile,
} from './matmul.ts';
import { reference as normReference } from './norm.ts';
import { writeRows } from './rows.ts';

const { gpu } = await testDevice();
const TOLERANCE = 3e-6;
/** Operands rounded to f16 (5e-4 of each) and sums of eight in f16: about 1e-3 of a unit sum, 6e-3 at the worst of thousands. */
const HALF_TOLERANCE = 6e-3;

/** The tiles that this adapter can run: SwiftShader has no f16. */
const AVAILABLE = Object.entries(TILES).filter(([, { form }]) => {
  const feature = FORM_FEATURE[form];
  return feature === undefined || gpu.features.has(feature);
});

function toleranceOf({ form }: Tile): number {
  return form === 'half' ? HALF_TOLERANCE : TOLERANCE;
}

interface Case {
  readonly rows: number;
  /** Position of row 0, for rotary. */
  readonly first?: number;
  readonly k: number;
  readonly n: number;
  readonly dtype?: PackedType;
  readonly tile?: MatmulOptions['tile'];
  readonly epilogue?: Epilogue;
  readonly norm?: Norm['kind'];
  /** Of residuals: the norm of what is added to. */
  readonly old?: Norm['kind'];
  readonly activation?: Activation;
}

function problem({ rows, k, n, dtype = 'F16' }: Case) {
  return {
    x: noise(rows * k, 1),
    w: storedNoise(n * k, 2, dtype, 1 / Math.sqrt(k), k),
    bias: noise(n, 3),
    normWeight: noise(k, 4),
    normBias: noise(k, 5),
    old: noise(rows * n, 6).map((value) => value + 2),
    oldWeight: noise(n, 7),
    oldBias: noise(n, 8),
  };
}

/** Runs the kernel; `binding` 7 is the output, 6 the statistics. */
async function run(c: Case, binding: 6 | 7 = 7): Promise<Float32Array> {
  const { rows, first = 0, k, n, dtype = 'F16', tile = TILES.some, epilogue = Epilogue.Store, norm } = c;
  const { x, w, bias, normWeight, normBias, old, oldWeight, oldBias } = problem(c);
  const order = epilogue === Epilogue.Gate ? gatedRows(n / 2) : epilogue === Epilogue.Rotary ? ROTARY : undefined;
  const matrix = { dtype, rows: order?.length ?? n, columns: k };
  const options = {
    matrix,
    tile,
    epilogue,
    activation: c.activation,
    normBefore: norm && ({ kind: norm, eps: 1e-5, half: 1 } as const),
    normOld: c.old && ({ kind: c.old, eps: 1e-5, half: 1 } as const),
    placed: epilogue === Epilogue.Rotary,
    head: 8,
    rotaryColumns: epilogue === Epilogue.Rotary ? 16 : 0,
  };
  const stride = strideOf(outputColumns(options));
  const table = rotaryTable(first + rows, SPEC);
  const data = {
    0: new Uint32Array([rows]),
    1: pad(x, k, strideOf(k)),
    2: w.pack(matrix, order),
    3: packVector(bias, strideOf(matrix.rows) + 64, order),
    4: c.old
      ? pad(Float32Array.of(...oldWeight, ...oldBias), n, strideOf(n))
      : pad(Float32Array.of(...normWeight, ...normBias), k, strideOf(k)),
    5: table,
    // Moments are read from the second half and written to the first.
    6: c.old ? pieces(old, n) : norm ? pieces(x, k) : new Float32Array(4 * rows * Math.ceil(n / PIECE)),
    7: epilogue === Epilogue.Residual ? pad(old, n, stride) : new Float32Array((first + rows) * stride),
    8: writeRows(Array.from({ length: rows }, (_, i) => ({ id: 0, position: first + i, place: first + i, hidden: 0 }))),
  };
  const workgroups = matmulWorkgroups(tile, rows, matrix.rows);
  const result = new Float32Array(
    await runKernel(gpu, MATMULS[tile.form], matmulConstants(options), data, workgroups, binding),
  );
  if (binding === 6) return result.filter((_, i) => i % 4 < 2);
  return unpad(result, epilogue === Epilogue.Gate ? n / 2 : outputColumns(options), stride);
}

/** One head of 6, padded to 8. */
const SPEC = { heads: 1, kvHeads: 1, headDim: 6, rotary: { theta: 100 } };
const ROTARY = qkvOrder(SPEC);

/** Mean and squared deviations of each piece of a row, as a residual epilogue leaves them, in the second half. */
function pieces(x: Float32Array, columns: number): Float32Array<ArrayBuffer> {
  const moments: number[] = [];
  for (let row = 0; row < x.length; row += columns) {
    for (let at = 0; at < columns; at += PIECE) {
      const piece = x.subarray(row + at, row + Math.min(columns, at + PIECE));
      const mean = piece.reduce((a, b) => a + b, 0) / piece.length;
      moments.push(
        Number.NaN,
        Number.NaN,
        mean,
        piece.reduce((a, b) => a + (b - mean) ** 2, 0),
      );
    }
  }
  return Float32Array.from(moments);
}

function expected(c: Case): Float32Array {
  const { x, w, bias, normWeight, normBias } = problem(c);
  const input = c.norm ? normReference(x, c.k, { kind: c.norm, eps: 1e-5 }, normWeight, normBias) : x;
  return reference(input, w.values, c.k, bias);
}

describe('matmul', () => {
  test.each([
    ['F32', { rows: 37, k: 50, n: 70, dtype: 'F32' }],
    ['F16', { rows: 37, k: 50, n: 70, dtype: 'F16' }],
    ['BF16', { rows: 37, k: 50, n: 70, dtype: 'BF16' }],
    ['I8', { rows: 37, k: 50, n: 70, dtype: 'I8' }],
    ['I8 of an odd K and several panels', { rows: 5, k: 33, n: 150, dtype: 'I8' }],
    ['I4 of an odd K and several panels', { rows: 5, k: 33, n: 150, dtype: 'I4' }],
    ['I4 of less than a group', { rows: 3, k: 5, n: 3, dtype: 'I4' }],
    ['I4 of an odd number of groups', { rows: 2, k: 96, n: 66, dtype: 'I4' }],
    ['NF4 of several blocks and panels', { rows: 5, k: 192, n: 150, dtype: 'NF4' }],
    ['one row, one column', { rows: 1, k: 1, n: 1, dtype: 'F32' }],
    ['the tile for few rows', { rows: 16, k: 100, n: 130, tile: TILES.few }],
    ['the tile for many rows', { rows: 130, k: 200, n: 68, tile: TILES.many }],
    ['an odd K in half precision', { rows: 3, k: 33, n: 66 }],
  ] satisfies [string, Case][])('%s', async (_, c) => {
    expect(worstError(await run(c), expected(c))).toBeLessThan(TOLERANCE);
  });

  test.each([1, 31, 33, 65])('%i rows give the rows of 65', async (rows) => {
    const whole = await run({ rows: 65, k: 50, n: 70 });
    const some = await run({ rows, k: 50, n: 70 });
    expect([...some]).toEqual([...whole.subarray(0, rows * 70)]);
  });

  test('f16 subnormals are not lost', async () => {
    const matrix = { dtype: 'F16', rows: 1, columns: 2 } as const;
    const data = {
      0: new Uint32Array([1]),
      1: pad(Float32Array.of(1, 0), 2, 32),
      2: packMatrix(new Uint8Array(Uint16Array.of(0x0001, 0).buffer), matrix, { storedColumns: 2 }),
      3: new Float32Array(64),
      7: new Float32Array(32),
    };
    const options = { matrix, tile: TILES.some, epilogue: Epilogue.Store };
    const result = await runKernel(gpu, MATMULS.staged, matmulConstants(options), data, [1], 7);
    expect(new Float32Array(result)[0]).toBe(2 ** -24);
  });
});

/** What every tile is asked, and answers with the same bits. */
const NORMED = { rows: 21, k: 70, n: 150, dtype: 'F32' } as const;
const SUMMED = { rows: 21, k: 70, n: 70, epilogue: Epilogue.Residual } as const;

describe.each(AVAILABLE)('tile %s', (_, tile) => {
  // Tiles of one form unpack four bits alike.
  const first = AVAILABLE.find(([, { form }]) => form === tile.form)?.[1] === tile;
  const TYPES: readonly PackedType[] = ['F32', 'F16', 'BF16', 'I8', ...(first ? (['I4', 'NF4'] as const) : [])];
  // Sizes are compiled into a kernel, and compiling is what a case costs: each type has a size of its own.
  const SIZES: Record<PackedType, readonly [rows: number, k: number, n: number]> = {
    F32: [1, 1, 1],
    F16: [3, 33, 66],
    BF16: [16, 100, 130],
    I8: [70, 200, 68],
    I4: [37, 50, 70],
    NF4: [37, 64, 70],
  };
  test.each(TYPES.map((dtype) => [dtype, ...SIZES[dtype]] as const))(
    'of %s: %i rows, K = %i, %i columns',
    async (dtype, rows, k, n) => {
      const c = { rows, k, n, dtype, tile };
      expect(worstError(await run(c), expected(c))).toBeLessThan(toleranceOf(tile));
    },
  );

  test.each(['layer', 'rms'] as const)('with a norm before it: %s', async (norm) => {
    const c = { ...NORMED, norm, tile };
    expect(worstError(await run(c), expected(c))).toBeLessThan(toleranceOf(tile));
  });

  test.each(['layer', 'rms'] as const)('added to what is normed: %s', async (kind) => {
    const c = { rows: 21, k: 40, n: 70, epilogue: Epilogue.Residual, old: kind, tile };
    const { old, oldWeight, oldBias } = problem(c);
    const normed = normReference(old, 70, { kind, eps: 1e-5 }, oldWeight, oldBias);
    const got = await run(c);
    const want = expected(c).map((value, i) => value + (normed[i] as number));
    expect(worstError(got, want)).toBeLessThan(2 * toleranceOf(tile));
    expect(worstError(await run(c, 6), secondHalf(pieces(got, 70)))).toBeLessThan(2e-4);
  });

  test('has the bits of every other tile', async () => {
    if (tile.form === 'half') return;
    for (const c of [{ ...NORMED, norm: 'layer' as const }, SUMMED]) {
      expect([...(await run({ ...c, tile }))]).toEqual([...(await run({ ...c, tile: TILES.some }))]);
    }
    expect([...(await run({ ...SUMMED, tile }, 6))]).toEqual([...(await run({ ...SUMMED, tile: TILES.some }, 6))]);
  });

  test('with a residual, and the moments of the sum', async () => {
    const c = { ...SUMMED, tile };
    const { old } = problem(c);
    const got = await run(c);
    const want = expected(c).map((value, i) => value + (old[i] as number));
    expect(worstError(got, want)).toBeLessThan(2 * toleranceOf(tile));
    // Squared deviations are sums of up to 128 squares, about 256 in all.
    expect(worstError(await run(c, 6), secondHalf(pieces(got, 70)))).toBeLessThan(2e-4);
  });
});

function secondHalf(moments: Float32Array): Float32Array {
  return moments.filter((_, i) => i % 4 >= 2);
}

const ACTIVATIONS: readonly Activation[] = ['gelu', 'gelu-tanh', 'silu', 'relu'];

describe('epilogue', () => {
  test.each(ACTIVATIONS)('%s', async (activation) => {
    const c = { rows: 9, k: 40, n: 36, epilogue: Epilogue.Activate, activation };
    const want = expected(c).map((value) => activationReference(activation, value));
    expect(worstError(await run(c), want)).toBeLessThan(TOLERANCE);
  });

  test.each([
    ['gelu', 2],
    ['gelu', 90],
    ['gelu-tanh', 50],
    ['silu', 90],
    ['relu', 50],
  ] as const)('gated %s of twice %i columns', async (activation, n) => {
    const c = { rows: 9, k: 40, n, epilogue: Epilogue.Gate, activation };
    expect(worstError(await run(c), gateReference(expected(c), n / 2, activation))).toBeLessThan(TOLERANCE);
  });

  test.each([0, 21])('rotary position from %i on, in padded heads of interleaved pairs', async (first) => {
    const c = { rows: 33, first, k: 40, n: 18, epilogue: Epilogue.Rotary };
    const before = new Float32Array(first * 18);
    const at = Int32Array.from({ length: first + 33 }, (_, i) => i);
    const turned = rotaryReference(Float32Array.of(...before, ...expected(c)), SPEC, at);
    const want = new Float32Array((first + 33) * 24);
    for (let row = first; row < first + 33; row++) {
      ROTARY.forEach((source, i) => {
        if (source >= 0) want[row * 24 + i] = turned[row * 18 + source] as number;
      });
    }
    expect(worstError(await run(c), want)).toBeLessThan(TOLERANCE);
  });
});
