/**
 * An adapter on the card, beside weights that stay as they are: of every adapted product A as one more matrix, whose
 * answer t = x Aᵀ the product's own kernel adds in as weight · t Bᵀ (shaders/matmul.wgsl). What it reads lies in one buffer
 * in the place of the bias: the bias, the weight, B, and t.
 */
import type { LowRank } from '../checkpoint/adapter/adapter.ts';
import type { Memory } from './memory.ts';
import { alignUp, PANEL, packMatrix } from './pack.ts';
import type { GpuModel, Linear, LowLinear, Matrix } from './upload.ts';

/** The model with low ranks beside its products, which `memory` owns. All must be on linear layers. */
export function withLowRanks(gpu: GPUDevice, memory: Memory, model: GpuModel, lowRank: readonly LowRank[]): GpuModel {
  const adapted = (name: string, linear: Linear): Linear => {
    const own = lowRank.filter(({ module }) => module.parameter === name);
    return own.length === 0 ? linear : { ...linear, low: lowLinear(gpu, memory, linear.matrix, own) };
  };
  return {
    ...model,
    layers: model.layers.map((layer, i) => ({
      ...layer,
      qkv: adapted(`layers.${i}.qkv`, layer.qkv),
      attnOut: adapted(`layers.${i}.attnOut`, layer.attnOut),
      mlpIn: adapted(`layers.${i}.mlpIn`, layer.mlpIn),
      mlpOut: adapted(`layers.${i}.mlpOut`, layer.mlpOut),
    })),
    dense: model.dense && adapted('head.dense', model.dense),
  };
}

/** The low ranks of modules that are stacked in one matrix stand side by side. */
function lowLinear(gpu: GPUDevice, memory: Memory, matrix: Matrix, own: readonly LowRank[]): LowLinear {
  const { rowOrder, columnOrder } = matrix;
  const stored = own[0]?.module.columns ?? 0;
  const rank = alignUp(
    own.reduce((sum, each) => sum + each.rank, 0),
    4,
  );
  const columns = alignUp(matrix.rows, PANEL);
  const a = new Float32Array(rank * stored);
  const b = new Float32Array(rank * columns);
  let at = 0;
  for (const { module, rank: r, scale, a: ownA, b: ownB } of own) {
    a.set(ownA, at * stored);
    for (let column = 0; column < matrix.rows; column++) {
      const row = (rowOrder ? (rowOrder[column] as number) : column) - module.first;
      if (row < 0 || row >= module.rows) continue;
      for (let i = 0; i < r; i++) b[(at + i) * columns + column] = scale * (ownB[row * r + i] as number);
    }
    at += r;
  }
  const shape = { dtype: 'F32', rows: rank, columns: matrix.columns } as const;
  const packed = packMatrix(new Uint8Array(a.buffer), shape, { storedColumns: stored, columnOrder });
  const buffer = memory.storage('low rank', packed.byteLength);
  gpu.queue.writeBuffer(buffer, 0, packed);
  return { a: { ...shape, buffer }, b, rank };
}
