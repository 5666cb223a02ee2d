import * as ort from 'onnxruntime-web';
import { expect, test } from 'vitest';
import { WEIGHTS_FILE } from '../../checkpoint/onnx/graph.ts';
import { inPrecision, type PrecisionOptions } from '../../checkpoint/precision.ts';
import { publishedConfig } from '../../checkpoint/published-config.ts';
import { logits, readTensors } from '../../engine/reference.ts';
import type { Json } from '../../model/json.ts';
import type { Precision } from '../names.ts';
import { randomModel } from '../random-model.ts';
import { SIZES } from '../sizes.ts';
import { type Attention, exportNetwork } from './network.ts';

const modernbert = publishedConfig({ hidden: 64, heads: 2, intermediate: 96, layers: 4, vocab: 300 });
const small = { vocab_size: 300, hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 4, intermediate_size: 48 };
const bert = { ...SIZES.bert, ...small, max_position_embeddings: 128 };
const roberta = { ...bert, model_type: 'roberta', max_position_embeddings: 130, pad_token_id: 1 };
const qwen3 = { ...SIZES.qwen3, ...small, head_dim: 16 };
const qwen2 = { ...qwen3, model_type: 'a2d-qwen2', head_dim: undefined };
const tokens = 90; // longer than the window, so that some keys are hidden

async function run(
  precision: Precision,
  ids: Int32Array,
  rows: readonly number[],
  attention: Attention = 'fused',
  config: Json = modernbert,
): Promise<Float32Array> {
  const { arch, weights } = randomModel(config, 'F32');
  const { graph, weights: data } = await exportNetwork(arch, weights, precision, 128, attention);
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

async function wanted(
  ids: Int32Array,
  rows: readonly number[],
  bits: PrecisionOptions = {},
  config: Json = modernbert,
): Promise<Float32Array> {
  const { arch, weights: exact } = randomModel(config, 'F32');
  const weights = inPrecision(arch, exact, bits);
  const all = logits(arch, await readTensors(weights), ids);
  return Float32Array.from(rows.flatMap((row) => [...all.subarray(row * arch.vocab, (row + 1) * arch.vocab)]));
}

function worst(got: Float32Array, want: Float32Array): number {
  expect(got).toHaveLength(want.length);
  return got.reduce((most, value, i) => Math.max(most, Math.abs(value - (want[i] as number))), 0);
}

const ids = Int32Array.from({ length: tokens }, (_, i) => (i * 37 + 5) % 300);
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

test.each([
  ['BERT, post-norm with positions and biases', bert],
  ['RoBERTa, whose positions begin at row 2', roberta],
  ['Qwen3, grouped queries with norms of their own', qwen3],
  ['Qwen2, biases of queries, keys and values only', qwen2],
] as const)('%s: both ways to attend', async (_, config) => {
  for (const attention of ['fused', 'plain'] as const) {
    const got = await run('f32', ids, rows, attention, config);
    expect(worst(got, await wanted(ids, rows, {}, config))).toBeLessThan(2e-4);
  }
});

test('with attention written out it computes the same', async () => {
  expect(worst(await run('f32', ids, rows, 'plain'), await wanted(ids, rows))).toBeLessThan(2e-4);
});

test('one graph serves canvases of every length', async () => {
  const short = ids.subarray(0, 9);
  expect(worst(await run('f32', short, [8]), await wanted(short, [8]))).toBeLessThan(2e-4);
});
