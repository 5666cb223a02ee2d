/** Tolerance: normed values are of unit size, a turn adds two products of them; 3e-6 is a few units in the last place. */
import { describe, expect, test } from 'vitest';
import { qkvRows } from '../../model/arch.ts';
import { headOrder, packVector, paddedHead, qkvOrder } from '../pack.ts';
import { testDevice } from '../testing/gpu.ts';
import { noise, worstError } from '../testing/numbers.ts';
import { runKernel } from '../testing/run.ts';
import {
  headNorm,
  headNormConstants,
  headNormReference,
  headNormWorkgroups,
  qkvStride,
  rotaryReference,
  rotaryTable,
} from './heads.ts';
import { writeRows } from './rows.ts';

const { gpu } = await testDevice();

describe('head norm and turn', () => {
  test.each([
    { rows: 1, heads: 1, kvHeads: 1, headDim: 4, turn: true },
    { rows: 5, heads: 4, kvHeads: 2, headDim: 16, turn: true },
    { rows: 7, heads: 3, kvHeads: 1, headDim: 18, turn: true },
    { rows: 9, heads: 4, kvHeads: 2, headDim: 128, turn: true },
    { rows: 6, heads: 2, kvHeads: 2, headDim: 10, turn: false },
  ])('$rows rows, $heads over $kvHeads heads of $headDim, turned: $turn', async ({ rows, turn, ...heads }) => {
    const rotary = turn ? { theta: 1000 } : undefined;
    const spec = rotary ? { ...heads, rotary } : heads;
    const { headDim } = heads;
    const width = qkvRows(heads);
    const stride = qkvStride(heads);
    const x = noise(rows * width, 1, 3);
    const query = noise(headDim, 2);
    const key = noise(headDim, 3);
    const positions = Int32Array.from({ length: rows }, (_, row) => (row * 11) % 23);
    // Rows stand at places in another order, with room around them.
    const places = Int32Array.from({ length: rows }, (_, row) => 2 * (rows - row));
    const order = qkvOrder(spec);
    const laid = (values: Float32Array) => {
      const y = new Float32Array((2 * rows + 1) * stride);
      places.forEach((place, row) => {
        order.forEach((source, i) => {
          if (source >= 0) y[place * stride + i] = values[row * width + source] as number;
        });
      });
      return y;
    };
    const head = paddedHead(headDim);
    const data = {
      0: new Uint32Array([rows]),
      1: writeRows(
        Array.from(positions, (position, i) => ({ id: 0, position, place: places[i] as number, hidden: 0 })),
      ),
      2: Float32Array.of(...packVector(query, head, headOrder(spec)), ...packVector(key, head, headOrder(spec))),
      3: rotary ? rotaryTable(23, { rotary, headDim }) : new Float32Array(4),
      4: laid(x),
    };
    const constants = headNormConstants(spec, 1e-6);
    const got = await runKernel(gpu, headNorm, constants, data, headNormWorkgroups(heads, rows), 4);
    const want = rotaryReference(headNormReference(x, heads, 1e-6, query, key), spec, positions);
    expect(worstError(new Float32Array(got), laid(want))).toBeLessThan(3e-6 * 3);
  });
});
