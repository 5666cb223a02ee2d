import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toFloat32 } from '../checkpoint/half.ts';
import { publishedConfig } from '../checkpoint/published-config.ts';
import { randomModel } from './random-model.ts';
import { ORT_BYTES } from './sizes.ts';

test('f32 and f16 hold the same weights, and the same seed gives them again', async () => {
  const size = publishedConfig({ hidden: 8, heads: 2, intermediate: 6, layers: 2, vocab: 11 });
  for (const name of ['embeddings', 'layers.1.attnNorm', 'decoder.bias']) {
    const exact = toFloat32(await randomModel(size, 'F32').weights.read(name), 'F32');
    const half = toFloat32(await randomModel(size, 'F16').weights.read(name), 'F16');
    expect(half).toEqual(exact);
    expect(new Set(exact).size).toBeGreaterThan(exact.length / 2);
  }
  const other = await randomModel(size, 'F32', 2).weights.read('embeddings');
  expect(other).not.toEqual(await randomModel(size, 'F32').weights.read('embeddings'));
});

test('the page says how much of ONNX Runtime a run downloads', () => {
  const files = ['ort.webgpu.bundle.min.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'];
  const folder = new URL('../../node_modules/onnxruntime-web/dist/', import.meta.url);
  const bytes = files.reduce((sum, file) => sum + statSync(new URL(file, folder)).size, 0);
  expect(Math.abs(bytes - ORT_BYTES)).toBeLessThan(1e5);
});
