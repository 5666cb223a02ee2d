/** Every kernel variant must compile on a device that offers no more than what WebGPU promises everywhere. */
import { expect, test } from 'vitest';
import { getGpu } from '../node/dawn.ts';
import { Kernels } from './kernel.ts';
import { ATTENTIONS, attentionConstants } from './kernels/attention.ts';
import { DECODES, decodeConstants, merge } from './kernels/decode.ts';
import { embed, embedConstants } from './kernels/embed.ts';
import { headNorm, headNormConstants } from './kernels/heads.ts';
import { Epilogue, MATMULS, matmulConstants, TILES } from './kernels/matmul.ts';
import { norm, normConstants } from './kernels/norm.ts';

test('the guaranteed limits are enough', async () => {
  const adapter = (await (await getGpu()).requestAdapter()) as GPUAdapter;
  const gpu = await adapter.requestDevice();
  expect(gpu.limits.maxComputeWorkgroupStorageSize).toBe(16_384);
  const kernels = new Kernels(gpu);
  const matrix = { dtype: 'F16', rows: 768, columns: 768 } as const;
  const sees = { window: [64, 64] } as const;
  await Promise.all([
    ...[60, 64, 100, 128].map((headDim) =>
      kernels.pipeline(ATTENTIONS.tiled, attentionConstants('tiled', { heads: 1, kvHeads: 1, headDim, sees })),
    ),
    ...Object.values(TILES)
      .filter(({ form }) => form === 'staged' || form === 'plain') // the others need features, which this device lacks
      .map((tile) =>
        kernels.pipeline(
          MATMULS[tile.form],
          matmulConstants({
            matrix,
            tile,
            epilogue: Epilogue.Residual,
            normOld: { kind: 'layer', eps: 1e-5, half: 1 },
          }),
        ),
      ),
    kernels.pipeline(DECODES.staged, decodeConstants(matrix, 0, 50_368, 8)),
    kernels.pipeline(merge, { VOCAB_TILES: 197 }),
    kernels.pipeline(
      embed,
      embedConstants({ table: { ...matrix }, first: 0, tokenTypes: true, positionOffset: 2, stats: true }),
    ),
    kernels.pipeline(
      headNorm,
      headNormConstants({ heads: 16, kvHeads: 8, headDim: 128, rotary: { theta: 1e6 } }, 1e-6),
    ),
    kernels.pipeline(norm, normConstants(768, { kind: 'rms', eps: 1e-6 })),
  ]);
  gpu.destroy();
});
