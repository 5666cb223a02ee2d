import * as ort from 'onnxruntime-web';
import { expect, test } from 'vitest';
import { WEIGHTS_FILE } from '../../checkpoint/onnx/graph.ts';
import { inPrecision, type PrecisionOptions } from '../../checkpoint/precision.ts';
import { logits, readTensors } from '../../engine/reference.ts';
import type { Precision } from '../names.ts';
import { randomModel } from '../random-model.ts';
import { type Attention, exportModernBert } from './modernbert.ts';

const size = { hidden: 64, heads: 2, intermediate: 96, layers: 4, vocab: 300 };
const tokens = 90; // longer than the window, so that some keys are hidden

async function run(
  precision: Precision,
  ids: Int32Array,
  rows: readonly number[],
  attention: Attention = 'fused',
): Promise<Float32Array> {
  const { arch, weights } = randomModel(size, 'F32');
  const { graph, weights: data } = await exportModernBert(arch, weights, precision, 128, attention);
  const session = await ort.InferenceSession.create(graph, {
    executionProviders: ['wasm'],
    externalData: [{ path: WEIGHTS_FILE, data }],
  });
  const answer = await session.run({
    ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
    rows: new ort.Tensor('int64', BigInt64Array.from(rows, BigInt), [rows.length]),
  });
  await session.release();
  return answer['logits']?.data as Float32Array;
}

async function wanted(ids: Int32Array, rows: readonly number[], bits: PrecisionOptions = {}): Promise<Float32Array> {
  const { arch, weights: exact } = randomModel(size, 'F32');
  const weights = inPrecision(arch, exact, bits);
  const all = logits(arch, await readTensors(weights), ids);
  return Float32Array.from(rows.flatMap((row) => [...all.subarray(row * size.vocab, (row + 1) * size.vocab)]));
}

function worst(got: Float32Array, want: Float32Array): number {
  expect(got).toHaveLength(want.length);
  return got.reduce((most, value, i) => Math.max(most, Math.abs(value - (want[i] as number))), 0);
}

const ids = Int32Array.from({ length: tokens }, (_, i) => (i * 37 + 5) % size.vocab);
const rows = [0, 7, 44, 89];

test.each([
  ['f32', 2e-4],
  ['int8', 0.5],
  // Its sums have rounded activations (accuracy level 4) and its decoder 8 bits; its 4-bit weights are the same.
  ['int4', 0.5],
] as const)('ONNX Runtime computes the reference logits from the %s graph', async (precision, tolerance) => {
  const bits = precision === 'int4' ? ({ precision: 'int4', tables: 'stored' } as const) : {};
  expect(worst(await run(precision, ids, rows), await wanted(ids, rows, bits))).toBeLessThan(tolerance);
});

test('with attention written out it computes the same', async () => {
  expect(worst(await run('f32', ids, rows, 'plain'), await wanted(ids, rows))).toBeLessThan(2e-4);
});

test('one graph serves canvases of every length', async () => {
  const short = ids.subarray(0, 9);
  expect(worst(await run('f32', short, [8]), await wanted(short, [8]))).toBeLessThan(2e-4);
});
