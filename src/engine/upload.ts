/** A checkpoint on the card: every tensor packed as the kernels read it, in the precision asked for, one after the other. */

import type { Weights } from '../checkpoint/model.ts';
import type { Arch, LayerSpec } from '../model/arch.ts';
import { said } from '../text/said.ts';
import { deviceError } from './device.ts';
import { TILE_TOKENS } from './kernels/decode.ts';
import type { MatrixOptions, WeightLoader } from './loader.ts';
import type { Memory } from './memory.ts';
import {
  alignUp,
  gatedRows,
  headColumns,
  type Order,
  PANEL,
  type PackedShape,
  paddedHead,
  rotaryRows,
  strideOf,
} from './pack.ts';
import { partRows } from './parts.ts';
import { Uploader, type UploadOptions } from './uploader.ts';

export interface Matrix extends PackedShape {
  readonly buffer: GPUBuffer;
}

export interface Linear {
  readonly matrix: Matrix;
  /** As long as the matrix has rows, padded to a panel. */
  readonly bias: GPUBuffer;
}

/** Rows `first` to `first + rows` of the token table; several when one binding cannot hold it. */
export interface TokenPart extends Matrix {
  readonly first: number;
}

export interface Layer {
  /** Weight, then bias. Absent in the first layer, whose input is normed already. */
  readonly attnNorm: GPUBuffer | undefined;
  readonly qkv: Linear;
  readonly attnOut: Linear;
  readonly mlpNorm: GPUBuffer;
  readonly mlpIn: Linear;
  readonly mlpOut: Linear;
}

export interface GpuModel {
  readonly embeddings: readonly TokenPart[];
  readonly embeddingNorm: GPUBuffer;
  readonly layers: readonly Layer[];
  readonly finalNorm: GPUBuffer;
  readonly dense: Linear;
  readonly headNorm: GPUBuffer;
  /** The embedding itself when the model is tied. */
  readonly decoder: readonly TokenPart[];
  readonly decoderBias: GPUBuffer;
  /** Zeros, bound for biases that the model does not have and where a kernel has nothing to read. */
  readonly zeros: GPUBuffer;
}

/** Throws `UnmaskError` code `device` when the card cannot hold the model, or the signal's reason when aborted. */
export async function uploadModel(
  gpu: GPUDevice,
  memory: Memory,
  arch: Arch,
  weights: Weights,
  options: UploadOptions = {},
): Promise<GpuModel> {
  return placeModel(gpu, arch, new Uploader(gpu, memory, weights, options), options);
}

/** The same from any loader. Throws what it throws. */
export async function placeModel(
  gpu: GPUDevice,
  arch: Arch,
  loader: WeightLoader,
  options: UploadOptions = {},
): Promise<GpuModel> {
  const { width: hiddenSize, vocab: vocabSize } = arch;
  const {
    attention: { heads, headDim },
    mlp: { width: intermediateSize },
  } = arch.layers[0] as LayerSpec;

  async function norm(name: string): Promise<GPUBuffer> {
    const stride = strideOf(hiddenSize);
    const parts = [{ name }, { name: `${name}.bias`, at: stride }];
    return loader.vector(
      name,
      2 * stride,
      parts.filter((part) => loader.has(part.name)),
    );
  }

  async function bias(name: string, rows: number, order?: Order): Promise<GPUBuffer> {
    return loader.has(name) ? loader.vector(name, rows, [{ name, order }]) : zeros;
  }

  async function linear(name: string, rows: number, columns: number, orders: MatrixOptions = {}): Promise<Linear> {
    const shape: PackedShape = { dtype: loader.typeOf(name), rows, columns };
    const buffer = await loader.matrix(name, shape, orders);
    return { matrix: { ...shape, buffer }, bias: await bias(`${name}.bias`, alignUp(rows, PANEL), orders.rowOrder) };
  }

  async function tokenTable(name: string): Promise<TokenPart[]> {
    const dtype = loader.typeOf(name);
    const limit = options.maxPartBytes ?? Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
    const parts: TokenPart[] = [];
    for (const { first, rows } of partRows(vocabSize, { dtype, columns: hiddenSize }, limit)) {
      const shape = { dtype, rows, columns: hiddenSize };
      const buffer = await loader.matrix(name, shape, { first, padding: TILE_TOKENS });
      parts.push({ ...shape, first, buffer });
    }
    return parts;
  }

  const head = paddedHead(headDim);
  const qkvRows = { rowOrder: rotaryRows(heads, headDim) };
  const outColumns = head === headDim ? {} : { columnOrder: headColumns(heads, headDim) };
  const gated = { rowOrder: gatedRows(intermediateSize) };

  const longest = Math.max(vocabSize, 3 * heads * head, gated.rowOrder.length, hiddenSize);
  const zeros = await loader.vector('zeros', alignUp(longest, TILE_TOKENS));
  const embeddings = await tokenTable('embeddings');
  const embeddingNorm = await norm('embeddings.norm');
  const layers: Layer[] = [];
  for (let i = 0; i < arch.layers.length; i++) {
    const at = `layers.${i}.`;
    layers.push({
      attnNorm: loader.has(`${at}attnNorm`) ? await norm(`${at}attnNorm`) : undefined,
      qkv: await linear(`${at}qkv`, 3 * heads * head, hiddenSize, qkvRows),
      attnOut: await linear(`${at}attnOut`, hiddenSize, heads * head, outColumns),
      mlpNorm: await norm(`${at}mlpNorm`),
      mlpIn: await linear(`${at}mlpIn`, gated.rowOrder.length, hiddenSize, gated),
      mlpOut: await linear(`${at}mlpOut`, hiddenSize, intermediateSize),
    });
  }
  return {
    embeddings,
    embeddingNorm,
    layers,
    finalNorm: await norm('finalNorm'),
    dense: await linear('head.dense', hiddenSize, hiddenSize),
    headNorm: await norm('head.norm'),
    decoder: arch.tied ? embeddings : await tokenTable('decoder'),
    decoderBias: await bias('decoder.bias', alignUp(vocabSize, TILE_TOKENS)),
    zeros,
  };
}

/** Refuses, before anything is uploaded, what the kernels cannot run. Throws `UnmaskError` code `device`. */
export function checkSupported(arch: Arch, maxHead: number): void {
  const { headDim } = (arch.layers[0] as LayerSpec).attention;
  if (headDim > maxHead || headDim % 2 !== 0) {
    const message = said`This model has attention heads of ${headDim}; the engine runs even sizes up to ${maxHead}.`;
    throw deviceError(message, 'Choose another model.');
  }
}
