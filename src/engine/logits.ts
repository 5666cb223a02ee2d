/** The decoder as a plain matrix product, read back whole: for inspection and for tests against other programs. */
import type { Arch } from '../model/arch.ts';
import { gpuError, guarded } from './device.ts';
import { encode, type Kernels } from './kernel.ts';
import { Epilogue, MATMULS, matmulConstants, matmulWorkgroups, TILES } from './kernels/matmul.ts';
import { mapped } from './mapped.ts';
import { Memory } from './memory.ts';
import { strideOf } from './pack.ts';
import type { GpuModel } from './upload.ts';

/** Rows computed at a time; a multiple of it keeps buffer offsets aligned. */
const ROWS = 64;

export interface HiddenRows {
  readonly buffer: GPUBuffer;
  readonly first: number;
  readonly count: number;
}

/** Logits `[count, vocab]` of hidden rows, 64 rows at a time. */
export async function readLogits(
  gpu: GPUDevice,
  kernels: Kernels,
  model: GpuModel,
  arch: Arch,
  { buffer: hidden, first, count }: HiddenRows,
): Promise<Float32Array<ArrayBuffer>> {
  const { width, vocab } = arch;
  const tile = TILES.some;
  const rowBytes = 4 * strideOf(width);
  const logits = new Float32Array(count * vocab);
  for (const part of model.decoder) {
    const stride = strideOf(part.rows);
    const pipeline = await kernels.pipeline(
      MATMULS[tile.form],
      matmulConstants({ matrix: part, tile, epilogue: Epilogue.Store }),
    );
    for (let row = 0; row < count; row += ROWS) {
      const rows = Math.min(ROWS, count - row);
      const memory = new Memory(gpu);
      try {
        const readback = await guarded(gpu, 'computing logits', () => {
          const params = memory.buffer('params', 16, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
          const y = memory.storage('logits', 4 * rows * stride, GPUBufferUsage.COPY_SRC);
          const stats = memory.storage('stats', 16);
          const readback = memory.buffer('readback', y.size, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
          gpu.queue.writeBuffer(params, 0, new Uint32Array([rows]));
          const bindGroup = kernels.bindGroup(MATMULS[tile.form], {
            0: params,
            1: { buffer: hidden, offset: (first + row) * rowBytes, size: rows * rowBytes },
            2: part.buffer,
            3: { buffer: model.decoderBias, offset: 4 * part.first },
            4: model.zeros,
            5: model.zeros,
            6: stats,
            7: y,
            8: model.zeros,
          });
          const encoder = gpu.createCommandEncoder({ label: 'logits' });
          const pass = encoder.beginComputePass();
          encode(pass, { name: 'logits', pipeline, bindGroup, workgroups: matmulWorkgroups(tile, rows, part.rows) });
          pass.end();
          encoder.copyBufferToBuffer(y, 0, readback, 0, y.size);
          gpu.queue.submit([encoder.finish()]);
          return readback;
        });
        await mapped(gpu, readback);
        const values = new Float32Array(readback.getMappedRange());
        for (let r = 0; r < rows; r++) {
          logits.set(values.subarray(r * stride, r * stride + part.rows), (row + r) * vocab + part.first);
        }
      } catch (error) {
        throw gpuError('computing logits', error);
      } finally {
        memory.destroy();
      }
    }
  }
  return logits;
}
