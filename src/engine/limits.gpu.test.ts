/** Every kernel variant must compile on a device that offers no more than what WebGPU promises everywhere. */
import { expect, test } from 'vitest';
import { getGpu } from '../cli/dawn.ts';
import { Kernels } from './kernel.ts';
import { ATTENTIONS, attentionConstants } from './kernels/attention.ts';
import { DECODES, decodeConstants, merge } from './kernels/decode.ts';
import { Epilogue, MATMULS, matmulConstants, TILES } from './kernels/matmul.ts';

test('the guaranteed limits are enough', async () => {
  const adapter = (await (await getGpu()).requestAdapter()) as GPUAdapter;
  const gpu = await adapter.requestDevice();
  expect(gpu.limits.maxComputeWorkgroupStorageSize).toBe(16_384);
  const kernels = new Kernels(gpu);
  const matrix = { dtype: 'F16', rows: 768, columns: 768 } as const;
  const window = { window: [64, 64] } as const;
  await Promise.all([
    ...[60, 64, 100, 128].map((headDim) =>
      kernels.pipeline(ATTENTIONS.tiled, attentionConstants('tiled', { heads: 1, headDim }, window)),
    ),
    ...Object.values(TILES)
      .filter(({ form }) => form === 'staged' || form === 'plain') // the others need features, which this device lacks
      .map((tile) =>
        kernels.pipeline(
          MATMULS[tile.form],
          matmulConstants({ matrix, tile, epilogue: Epilogue.Residual, normEps: 1e-5 }),
        ),
      ),
    kernels.pipeline(DECODES.staged, decodeConstants(matrix, 0, 50_368, 8)),
    kernels.pipeline(merge, { VOCAB_TILES: 197 }),
  ]);
  gpu.destroy();
});
