/**
 * Every form and tile of the matrix product beside the others on this device, for a ModernBERT as wide as base or another
 * width: `npm run tiles -- [--width 768] [--rows 16,64,256] [--precision F32|F16|BF16|I8|I4|NF4] [--tiles some,plain]`. What the engine's self-tuning chooses from.
 */
import { parseArgs } from 'node:util';
import { openDevice } from '../src/engine/device.ts';
import { Kernels } from '../src/engine/kernel.ts';
import { Epilogue, MATMULS, matmulConstants, matmulWorkgroups, PIECE, TILES } from '../src/engine/kernels/matmul.ts';
import { panelCount, panelWords, strideOf } from '../src/engine/pack.ts';
import type { PackedType } from '../src/engine/precision.ts';
import { timeDispatches } from '../src/engine/profile.ts';
import { allowedTiles } from '../src/engine/tune.ts';
import { getGpu } from '../src/node/dawn.ts';

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '768' },
    rows: { type: 'string', default: '16,64' },
    precision: { type: 'string', default: 'F16' },
    rounds: { type: 'string', default: '3' },
    tiles: { type: 'string' },
  },
});
const width = Number(values.width);
const SHAPES = [
  { name: 'attention out', n: width, k: width, normBefore: undefined },
  { name: 'norm + gated gelu', n: 3 * width, k: width, normBefore: { kind: 'layer', eps: 1e-5, half: 0 } as const },
];

const device = await openDevice(await getGpu());
const { gpu } = device;
const kernels = new Kernels(gpu);
const wanted = values.tiles?.split(',');
const names = [...allowedTiles({ features: gpu.features, allowF16: true })].filter(
  (name) => wanted?.includes(name) ?? true,
);
process.stdout.write(`${device.description}, weights ${values.precision}: GFLOP/s, best of ${values.rounds}\n\n`);
process.stdout.write(`| product | rows | ${names.join(' | ')} |\n|---|--:|${'--:|'.repeat(names.length)}\n`);
for (const { name, n, k, normBefore } of SHAPES) {
  const matrix = { dtype: values.precision as PackedType, rows: n, columns: k };
  for (const rows of values.rows.split(',').map(Number)) {
    const make = (bytes: number) => gpu.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE });
    const params = gpu.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    gpu.queue.writeBuffer(params, 0, new Uint32Array([rows]));
    const [x, weights, y] = [
      4 * rows * strideOf(k),
      4 * panelWords(matrix) * panelCount(matrix),
      4 * rows * strideOf(n),
    ].map(make);
    const [zeros, stats] = [make(4 * (n + 2 * k)), make(16 * rows * Math.ceil(k / PIECE))];
    const buffers = { 0: params, 1: x, 2: weights, 3: zeros, 4: zeros, 5: zeros, 6: stats, 7: y, 8: zeros } as Record<
      number,
      GPUBuffer
    >;
    const bindGroup = kernels.bindGroup(MATMULS.staged, buffers);
    const cells: string[] = [];
    for (const tileName of names) {
      const tile = TILES[tileName];
      const pipeline = await kernels.pipeline(
        MATMULS[tile.form],
        matmulConstants({ matrix, tile, epilogue: Epilogue.Store, normBefore }),
      );
      const dispatch = { name: tileName, pipeline, bindGroup, workgroups: matmulWorkgroups(tile, rows, n) };
      let best = Infinity;
      for (let round = 0; round <= Number(values.rounds); round++) {
        const [time] = await timeDispatches(gpu, [dispatch]);
        if (round > 0) best = Math.min(best, time?.milliseconds ?? Infinity);
      }
      cells.push(((2 * rows * n * k) / best / 1e6).toFixed(2));
    }
    process.stdout.write(`| ${name} | ${rows} | ${cells.join(' | ')} |\n`);
    for (const buffer of [...new Set(Object.values(buffers))]) buffer.destroy();
  }
}
gpu.destroy();
