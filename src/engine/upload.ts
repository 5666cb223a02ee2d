/** A checkpoint on the card: every tensor packed as the kernels read it, in the precision asked for, one after the other. */
import type { Weights } from '../checkpoint/model.ts';
import { type Arch, type AttentionSpec, type Norm, qkvRows } from '../model/arch.ts';
import { said } from '../text/said.ts';
import { deviceError } from './device.ts';
import { TILE_TOKENS } from './kernels/decode.ts';
import type { MatrixOptions, WeightLoader } from './loader.ts';
import type { Memory } from './memory.ts';
import {
  alignUp,
  gatedRows,
  headColumns,
  headOrder,
  type Order,
  PANEL,
  type PackedShape,
  paddedHead,
  qkvOrder,
  strideOf,
} from './pack.ts';
import { partRows, zerosLength } from './parts.ts';
import { Uploader, type UploadOptions } from './uploader.ts';

export interface Matrix extends PackedShape {
  readonly buffer: GPUBuffer;
  /** For each packed row or column, which stored one stands there, where that is not the same. */
  readonly rowOrder?: Order | undefined;
  readonly columnOrder?: Order | undefined;
}

export interface Linear {
  readonly matrix: Matrix;
  /** As long as the matrix has rows, padded to a panel. */
  readonly bias: GPUBuffer;
  /** What an adapter adds. */
  readonly low?: LowLinear | undefined;
}

/** What an adapter adds to a product; see `low-rank.ts`. */
export interface LowLinear {
  /** `[rank, in]`, packed as the product's own columns are. */
  readonly a: Matrix;
  /** `[rank, columns]` in f32, times the adapter's scale; columns are the product's packed rows, padded. */
  readonly b: Float32Array<ArrayBuffer>;
  /** A multiple of four. */
  readonly rank: number;
}

/** Rows `first` to `first + rows` of the token table; several when one binding cannot hold it. */
export interface TokenPart extends Matrix {
  readonly first: number;
}

/** Rows that hidden rows are multiplied with, and what is added to each. */
export interface Table {
  readonly parts: readonly TokenPart[];
  readonly bias: GPUBuffer;
}

/** Norms are weight, then bias, each padded; absent where the network has none. */
export interface Layer {
  readonly attnNorm: GPUBuffer | undefined;
  readonly qkv: Linear;
  /** Of queries, then of keys, each a padded head. */
  readonly headNorm: GPUBuffer | undefined;
  readonly attnOut: Linear;
  readonly mlpNorm: GPUBuffer | undefined;
  readonly mlpIn: Linear;
  readonly mlpOut: Linear;
}

export interface GpuModel {
  readonly embeddings: readonly TokenPart[];
  /** Tables in F32. */
  readonly positions: GPUBuffer | undefined;
  readonly tokenTypes: GPUBuffer | undefined;
  readonly embeddingNorm: GPUBuffer | undefined;
  readonly layers: readonly Layer[];
  readonly finalNorm: GPUBuffer | undefined;
  readonly dense: Linear | undefined;
  readonly headNorm: GPUBuffer | undefined;
  /** The embedding itself when the model is tied. */
  readonly decoder: readonly TokenPart[];
  readonly decoderBias: GPUBuffer;
  /** Of an edit network: what would be inserted, and the three rates. */
  readonly edits: { readonly insertions: Table; readonly rates: Table } | undefined;
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
  return placeModel(gpu, arch, new Uploader(gpu, memory, arch, weights, options), options);
}

/** The same from any loader. Throws what it throws. */
export async function placeModel(
  gpu: GPUDevice,
  arch: Arch,
  loader: WeightLoader,
  options: UploadOptions = {},
): Promise<GpuModel> {
  const { vocab, width, head } = arch;

  async function norm(name: string, spec: Norm | undefined): Promise<GPUBuffer | undefined> {
    if (spec === undefined) return undefined;
    const stride = strideOf(width);
    const bias = spec.bias ? [{ name: `${name}.bias`, at: stride }] : [];
    return loader.vector(name, 2 * stride, [{ name }, ...bias]);
  }

  async function linear(name: string, rows: number, columns: number, how: LinearOptions): Promise<Linear> {
    const { bias, ...orders } = how;
    const shape: PackedShape = { dtype: loader.typeOf(name, columns), rows, columns };
    const buffer = await loader.matrix(name, shape, orders);
    const part = { name: `${name}.bias`, order: orders.rowOrder };
    return {
      matrix: { ...shape, buffer, rowOrder: orders.rowOrder, columnOrder: orders.columnOrder },
      bias: bias ? await loader.vector(part.name, alignUp(rows, PANEL), [part]) : zeros,
    };
  }

  async function tokenTable(name: string): Promise<TokenPart[]> {
    const dtype = loader.typeOf(name);
    const limit = options.maxPartBytes ?? Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
    const parts: TokenPart[] = [];
    for (const { first, rows } of partRows(vocab, { dtype, columns: width }, limit)) {
      const shape = { dtype, rows, columns: width };
      const buffer = await loader.matrix(name, shape, { first, padding: TILE_TOKENS });
      parts.push({ ...shape, first, buffer });
    }
    return parts;
  }

  /** A table that is added to the embeddings. */
  async function addedTable(name: string, rows: number | undefined): Promise<GPUBuffer | undefined> {
    return rows === undefined ? undefined : loader.matrix(name, { dtype: 'F32', rows, columns: width });
  }

  async function headNorm(at: string, spec: AttentionSpec): Promise<GPUBuffer | undefined> {
    if (spec.queryKeyNorm === undefined) return undefined;
    const order = headOrder(spec);
    const parts = [
      { name: `${at}queryNorm`, order },
      { name: `${at}keyNorm`, order, at: order.length },
    ];
    return loader.vector(`${at}headNorm`, 2 * order.length, parts);
  }

  const zeros = await loader.vector('zeros', zerosLength(arch));
  const embeddings = await tokenTable('embeddings');
  const positions = await addedTable('positions', arch.positions?.rows);
  const tokenTypes = await addedTable('tokenTypes', arch.tokenTypes);
  const embeddingNorm = await norm('embeddings.norm', arch.embeddingNorm);
  const layers: Layer[] = [];
  for (const [i, { attention, mlp }] of arch.layers.entries()) {
    const at = `layers.${i}.`;
    const { heads, headDim } = attention;
    const padded = paddedHead(headDim);
    const columns = padded === headDim ? {} : { columnOrder: headColumns(heads, headDim) };
    const gated = mlp.form === 'gated' ? { rowOrder: gatedRows(mlp.width) } : {};
    layers.push({
      attnNorm: await norm(`${at}attnNorm`, attention.norm),
      qkv: await linear(`${at}qkv`, qkvRows({ ...attention, headDim: padded }), width, {
        bias: attention.bias.qkv,
        rowOrder: qkvOrder(attention),
      }),
      headNorm: await headNorm(at, attention),
      attnOut: await linear(`${at}attnOut`, width, heads * padded, { bias: attention.bias.out, ...columns }),
      mlpNorm: await norm(`${at}mlpNorm`, mlp.norm),
      mlpIn: await linear(`${at}mlpIn`, gated.rowOrder?.length ?? mlp.width, width, { bias: mlp.bias.in, ...gated }),
      mlpOut: await linear(`${at}mlpOut`, width, mlp.width, { bias: mlp.bias.out }),
    });
  }
  async function vocabBias(name: string): Promise<GPUBuffer> {
    return head.decoderBias ? loader.vector(name, alignUp(vocab, TILE_TOKENS), [{ name }]) : zeros;
  }

  async function editTables(): Promise<GpuModel['edits']> {
    const insertions: Table = { parts: await tokenTable('insertions'), bias: await vocabBias('insertions.bias') };
    const { matrix, bias } = await linear('rates', EDIT_KINDS, width, { bias: true });
    return { insertions, rates: { parts: [{ ...matrix, first: 0 }], bias } };
  }

  return {
    embeddings,
    positions,
    tokenTypes,
    embeddingNorm,
    layers,
    finalNorm: await norm('finalNorm', arch.finalNorm),
    dense: head.dense && (await linear('head.dense', width, width, { bias: head.dense.bias })),
    headNorm: await norm('head.norm', head.dense?.norm),
    decoder: arch.tied ? embeddings : await tokenTable('decoder'),
    decoderBias: await vocabBias('decoder.bias'),
    edits: arch.edits ? await editTables() : undefined,
    zeros,
  };
}

/** Rows of `rates`. */
export const EDIT_KINDS = 3;

type LinearOptions = MatrixOptions & { readonly bias: boolean };

/** Refuses, before anything is uploaded, what the kernels cannot run. Throws `UnmaskError` code `device`. */
export function checkSupported({ layers }: Pick<Arch, 'layers'>, maxHead: number): void {
  for (const { attention, order } of layers) {
    const { headDim, queryKeyNorm } = attention;
    if (headDim > maxHead || headDim % 2 !== 0) {
      const message = said`This model has attention heads of ${headDim}; the engine runs even sizes up to ${maxHead}.`;
      throw deviceError(message, 'Choose another model.');
    }
    if (order !== layers[0]?.order) {
      throw deviceError('This model has norms before some layers and behind others.', 'Choose another model.');
    }
    if (queryKeyNorm && (queryKeyNorm.kind !== 'rms' || queryKeyNorm.bias)) {
      throw deviceError('This model norms queries and keys otherwise than by RMS.', 'Choose another model.');
    }
  }
}
