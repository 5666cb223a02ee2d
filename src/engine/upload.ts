/** A checkpoint on the card: every tensor packed as the kernels read it, uploaded one by one. */
import { toFloat32 } from '../checkpoint/half.ts';
import type { ModelConfig, TensorInfo, Weights } from '../checkpoint/model.ts';
import { deviceError, guarded } from './device.ts';
import { TILE_TOKENS } from './kernels/decode.ts';
import type { Memory } from './memory.ts';
import {
  alignUp,
  gatedRows,
  headColumns,
  type Order,
  PANEL,
  type PackedShape,
  packMatrix,
  packVector,
  paddedHead,
  panelCount,
  panelWords,
  rotaryRows,
  strideOf,
} from './pack.ts';

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

export interface UploadOptions {
  readonly onProgress?: ((loaded: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Largest binding for a part of the token table, in bytes; for tests. By default what the device allows. */
  readonly maxPartBytes?: number | undefined;
}

/** Bytes written to the queue in one piece, so that packing needs little memory beside the tensor. */
const PIECE_BYTES = 2 ** 22;

interface Stored {
  readonly info: TensorInfo;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Throws `UnmaskError` code `device` when the card cannot hold the model, or the signal's reason when aborted. */
export async function uploadModel(
  gpu: GPUDevice,
  memory: Memory,
  config: ModelConfig,
  weights: Weights,
  options: UploadOptions = {},
): Promise<GpuModel> {
  const { onProgress, signal } = options;
  const { hiddenSize, intermediateSize, heads, headDim, vocabSize } = config;
  const total = [...weights.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  let loaded = 0;

  async function read(name: string): Promise<Stored> {
    signal?.throwIfAborted();
    const info = weights.tensors.get(name) as TensorInfo;
    const bytes = await weights.read(name, signal);
    signal?.throwIfAborted();
    return { info, bytes };
  }
  function done({ info }: Stored): void {
    loaded += info.byteLength;
    onProgress?.(loaded, total);
  }
  const has = (name: string) => weights.tensors.has(name);

  /** Uploads rows from `from` on; the buffer has room for rows up to a multiple of `padding`, which stay 0. */
  async function uploadPanels(
    label: string,
    stored: Stored,
    shape: PackedShape,
    { from = 0, padding = PANEL, ...orders }: Orders & { readonly from?: number; readonly padding?: number } = {},
  ): Promise<GPUBuffer> {
    const storedColumns = stored.info.shape[1] as number;
    const panels = panelCount(shape);
    const bytesPerPanel = 4 * panelWords(shape);
    const step = Math.max(1, Math.floor(PIECE_BYTES / bytesPerPanel));
    return guarded(gpu, `uploading ${label}`, () => {
      const buffer = memory.storage(label, (alignUp(shape.rows, padding) / PANEL) * bytesPerPanel);
      for (let panel = 0; panel < panels; panel += step) {
        const to = Math.min(panels, panel + step);
        const whole = { ...shape, rows: from + shape.rows };
        const range = { from: from / PANEL + panel, to: from / PANEL + to };
        gpu.queue.writeBuffer(
          buffer,
          panel * bytesPerPanel,
          packMatrix(stored.bytes, whole, { storedColumns, ...orders, ...range }),
        );
      }
      return buffer;
    });
  }

  async function vector(label: string, values: Float32Array<ArrayBuffer>): Promise<GPUBuffer> {
    return guarded(gpu, `uploading ${label}`, () => {
      const buffer = memory.storage(label, values.byteLength);
      gpu.queue.writeBuffer(buffer, 0, values);
      return buffer;
    });
  }

  async function readVector(name: string): Promise<Float32Array> {
    const stored = await read(name);
    done(stored);
    return toFloat32(stored.bytes, stored.info.dtype);
  }

  async function norm(name: string): Promise<GPUBuffer> {
    const stride = strideOf(hiddenSize);
    const scale = new Float32Array(2 * stride);
    scale.set(await readVector(`${name}`));
    if (has(`${name}.bias`)) scale.set(await readVector(`${name}.bias`), stride);
    return vector(name, scale);
  }

  async function bias(name: string, rows: number, order?: Order): Promise<GPUBuffer> {
    return has(name) ? vector(name, packVector(await readVector(name), rows, order)) : zeros;
  }

  async function linear(name: string, rows: number, columns: number, orders: Orders = {}): Promise<Linear> {
    const stored = await read(`${name}`);
    const shape: PackedShape = { dtype: stored.info.dtype, rows, columns };
    const buffer = await uploadPanels(name, stored, shape, orders);
    done(stored);
    return { matrix: { ...shape, buffer }, bias: await bias(`${name}.bias`, alignUp(rows, PANEL), orders.rowOrder) };
  }

  async function tokenTable(name: string): Promise<TokenPart[]> {
    const stored = await read(`${name}`);
    const { dtype } = stored.info;
    const limit = options.maxPartBytes ?? Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
    const tileBytes = ((4 * TILE_TOKENS) / PANEL) * panelWords({ dtype, rows: TILE_TOKENS, columns: hiddenSize });
    const step = TILE_TOKENS * Math.max(1, Math.floor(limit / tileBytes));
    const parts: TokenPart[] = [];
    for (let first = 0; first < vocabSize; first += step) {
      const shape = { dtype, rows: Math.min(step, vocabSize - first), columns: hiddenSize };
      const buffer = await uploadPanels(name, stored, shape, { from: first, padding: TILE_TOKENS });
      parts.push({ ...shape, first, buffer });
    }
    done(stored);
    return parts;
  }

  const head = paddedHead(headDim);
  const qkvRows = { rowOrder: rotaryRows(heads, headDim) };
  const outColumns = head === headDim ? {} : { columnOrder: headColumns(heads, headDim) };
  const gated = { rowOrder: gatedRows(intermediateSize) };

  const longest = Math.max(vocabSize, 3 * heads * head, gated.rowOrder.length, hiddenSize);
  const zeros = await vector('zeros', new Float32Array(alignUp(longest, TILE_TOKENS)));
  const embeddings = await tokenTable('embeddings');
  const embeddingNorm = await norm('embeddings.norm');
  const layers: Layer[] = [];
  for (let i = 0; i < config.layers.length; i++) {
    const at = `layers.${i}.`;
    layers.push({
      attnNorm: has(`${at}attnNorm`) ? await norm(`${at}attnNorm`) : undefined,
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
    decoder: config.tied ? embeddings : await tokenTable('decoder'),
    decoderBias: await bias('decoder.bias', alignUp(vocabSize, TILE_TOKENS)),
    zeros,
  };
}

interface Orders {
  readonly rowOrder?: Order;
  readonly columnOrder?: Order;
}

/** Refuses, before anything is uploaded, what the kernels cannot run. Throws `UnmaskError` code `device`. */
export function checkSupported(config: ModelConfig, maxHead: number): void {
  const { headDim } = config;
  if (headDim > maxHead || headDim % 2 !== 0) {
    const message = `This model has attention heads of ${headDim}; the engine runs even sizes up to ${maxHead}.`;
    throw deviceError(message, 'Choose another model.');
  }
}
