/**
 * Whether a model fits a device, known before a byte of it is downloaded: sizes follow from its configuration alone.
 * WebGPU tells how large one buffer may be, never how much memory there is; who knows that from elsewhere may say so.
 */
import type { DType, TensorInfo } from '../checkpoint/model.ts';
import { PRECISIONS, type Precision, type PrecisionOptions, precisionOf } from '../checkpoint/precision.ts';
import { type Arch, type LayerSpec, qkvRows } from '../model/arch.ts';
import { type Parameter, parameters } from '../model/parameters.ts';
import { MAX_HEAD } from './kernels/attention.ts';
import { TILE_TOKENS } from './kernels/decode.ts';
import { alignUp, PANEL, type PackedShape, paddedHead, panelCount, panelWords, strideOf } from './pack.ts';
import { partRows, tokenBytes, zerosLength } from './parts.ts';
import { type PackedType, packedType } from './precision.ts';

/** The part of `GPUSupportedLimits` that matters here. */
export interface FitLimits {
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
  /** What may be used in all, where somebody knows it. */
  readonly memoryBytes?: number | undefined;
}

export interface Piece {
  readonly name: string;
  readonly bytes: number;
}

/** Why a model does not fit: a buffer that no binding can hold, too much in all, or heads that the kernels lack. */
export type Obstacle =
  | { readonly kind: 'buffer'; readonly name: string; readonly bytes: number; readonly allowed: number }
  | { readonly kind: 'memory'; readonly bytes: number; readonly allowed: number }
  | { readonly kind: 'heads'; readonly headDim: number; readonly allowed: number };

export interface Fit {
  readonly fits: boolean;
  /** The first thing in the way. */
  readonly obstacle: Obstacle | undefined;
  readonly weightBytes: number;
  /** Activations and remembered canvases at the asked length; an estimate. */
  readonly workBytes: number;
  readonly largest: Piece;
  /** Bindings that hold the token table; 1 unless it is split. */
  readonly tableParts: number;
  /** What would fit instead, best first: smaller precisions at this length, then, in this precision, a shorter canvas. */
  readonly instead: readonly ({ readonly precision: Precision } | { readonly length: number })[];
}

/** How a checkpoint keeps its tensors: each by name, or all alike. */
export type Stored = ReadonlyMap<string, Pick<TensorInfo, 'dtype' | 'coded'>> | DType;

/** `length`: of the longest canvas to be asked; bytes and tokens throughout. */
export function fits(
  arch: Arch,
  stored: Stored,
  precision: Precision,
  limits: FitLimits,
  length = Math.min(512, arch.maxLength),
): Fit {
  const sizesIn = (other: Precision, tokens: number) => sizesOf(arch, stored, other, limits, tokens);
  const sizes = sizesIn(precision, length);
  const obstacle = obstacleOf(arch, sizes, limits);
  const fitsWith = (other: Precision, tokens: number) => obstacleOf(arch, sizesIn(other, tokens), limits) === undefined;
  const instead: ({ precision: Precision } | { length: number })[] = [];
  if (obstacle !== undefined) {
    for (const other of PRECISIONS) {
      const smaller = sizesIn(other, length).weightBytes < sizes.weightBytes;
      if (smaller && fitsWith(other, length)) instead.push({ precision: other });
    }
    for (let shorter = length / 2; shorter >= PANEL; shorter /= 2) {
      if (!fitsWith(precision, Math.floor(shorter))) continue;
      instead.push({ length: Math.floor(shorter) });
      break;
    }
  }
  const { weightBytes, workBytes, largest, tableParts } = sizes;
  return { fits: obstacle === undefined, obstacle, weightBytes, workBytes, largest, tableParts, instead };
}

type Sizes = Pick<Fit, 'weightBytes' | 'workBytes' | 'largest' | 'tableParts'>;

function obstacleOf({ layers }: Arch, sizes: Sizes, limits: FitLimits): Obstacle | undefined {
  const { largest, weightBytes, workBytes } = sizes;
  const headDim = Math.max(...layers.map(({ attention }) => attention.headDim));
  if (headDim > MAX_HEAD || headDim % 2 !== 0) return { kind: 'heads', headDim, allowed: MAX_HEAD };
  const allowed = largestBuffer(limits);
  if (largest.bytes > allowed) return { kind: 'buffer', ...largest, allowed };
  const bytes = weightBytes + workBytes;
  const memory = limits.memoryBytes;
  return memory !== undefined && bytes > memory ? { kind: 'memory', bytes, allowed: memory } : undefined;
}

function largestBuffer({ maxStorageBufferBindingSize, maxBufferSize }: FitLimits): number {
  return Math.min(maxStorageBufferBindingSize, maxBufferSize);
}

function sizesOf(arch: Arch, stored: Stored, precision: Precision, limits: FitLimits, length: number): Sizes {
  const weights = weightPieces(arch, stored, { precision }, largestBuffer(limits));
  const work = workPieces(arch, length);
  const sum = (pieces: readonly Piece[]) => pieces.reduce((total, { bytes }) => total + bytes, 0);
  const largest = [...weights, ...work].reduce((most, piece) => (piece.bytes > most.bytes ? piece : most));
  const tableParts = weights.filter(({ name }) => name === 'embeddings').length;
  return { weightBytes: sum(weights), workBytes: sum(work), largest, tableParts };
}

/** Every buffer that `uploadModel` makes, in bytes; `limit`: of one buffer. */
export function weightPieces(
  arch: Arch,
  stored: Stored,
  precision: PrecisionOptions = {},
  limit = Number.POSITIVE_INFINITY,
): Piece[] {
  const pieces: Piece[] = [{ name: 'zeros', bytes: 4 * zerosLength(arch) }];
  const all = parameters(arch);
  const norms = new Set(all.filter(({ kind }) => kind === 'norm').map(({ name }) => `${name}.bias`));
  for (const parameter of all) {
    // The bias of a norm lies behind its weight.
    if (!norms.has(parameter.name)) pieces.push(...piecesOf(arch, parameter, typeIn(stored, precision), limit));
  }
  return pieces;
}

/** How a parameter lies on the card, with so many columns there. */
type TypeOf = (parameter: Parameter, columns: number) => PackedType;

function typeIn(stored: Stored, options: PrecisionOptions): TypeOf {
  return ({ name, shape }, columns) => {
    const { dtype, coded }: Pick<TensorInfo, 'dtype' | 'coded'> =
      typeof stored === 'string' ? { dtype: stored } : (stored.get(name) ?? { dtype: 'F32' });
    return packedType({ dtype, coded, shape }, precisionOf(name, options), columns);
  };
}

function piecesOf(arch: Arch, parameter: Parameter, typeOf: TypeOf, limit: number): Piece[] {
  const { name, kind, shape } = parameter;
  const columns = arch.width;
  if (['embeddings', 'decoder', 'insertions'].includes(name)) {
    const dtype = typeOf(parameter, columns);
    return partRows(arch.vocab, { dtype, columns }, limit).map(({ rows }) => ({
      name,
      bytes: tokenBytes(rows, { dtype, columns }),
    }));
  }
  const [rows, into] = packedShape(arch, name, shape);
  if (kind === 'table' || kind === 'matrix') {
    const dtype = kind === 'table' ? 'F32' : typeOf(parameter, into);
    const packed: PackedShape = { dtype, rows, columns: into };
    return [{ name, bytes: 4 * panelWords(packed) * panelCount(packed) }];
  }
  if (name === 'decoder.bias' || name === 'insertions.bias') return [{ name, bytes: 4 * alignUp(rows, TILE_TOKENS) }];
  if (name.endsWith('queryNorm')) return [{ name, bytes: 8 * paddedHead(rows) }]; // those of keys lie behind them
  if (name.endsWith('keyNorm')) return [];
  return [{ name, bytes: kind === 'norm' ? 8 * strideOf(rows) : 4 * alignUp(rows, PANEL) }];
}

/** Rows and columns of a parameter with the padding of heads and gates that upload.ts gives it. */
function packedShape(arch: Arch, name: string, shape: readonly number[]): readonly [number, number] {
  const [rows = 1, columns = 1] = shape;
  const [, layer, part] = /^layers[.](\d+)[.](qkv|attnOut|mlpIn)/.exec(name) ?? [];
  const spec = arch.layers[Number(layer)];
  if (spec === undefined) return [rows, columns];
  const { attention, mlp } = spec;
  const headDim = paddedHead(attention.headDim);
  if (part === 'qkv') return [qkvRows({ ...attention, headDim }), columns];
  if (part === 'attnOut' && !name.endsWith('.bias')) return [rows, attention.heads * headDim];
  return [part === 'mlpIn' && mlp.form === 'gated' ? 2 * alignUp(mlp.width, 2) : rows, columns];
}

/** Remembered hidden rows take about this much. */
const HIDDEN_BYTES = 64 * 2 ** 20;

/** Activations for a canvas of this length, by the names of plan.ts. */
function workPieces({ width, layers, head }: Arch, length: number): Piece[] {
  const rows = (name: string, columns: number) => ({ name, bytes: 4 * alignUp(length, PANEL) * strideOf(columns) });
  const widest = (columns: (layer: LayerSpec) => number) => Math.max(...layers.map(columns));
  const padded = ({ attention }: LayerSpec) => ({ ...attention, headDim: paddedHead(attention.headDim) });
  const hidden = rows('hidden', width);
  return [
    rows('residual', width),
    rows(
      'qkv',
      widest((layer) => qkvRows(padded(layer))),
    ),
    rows(
      'mixed',
      widest((layer) => layer.attention.heads * padded(layer).headDim),
    ),
    rows(
      'inner',
      widest(({ mlp }) => mlp.width),
    ),
    ...(head.dense ? [rows('dense', width)] : []),
    { name: 'hidden', bytes: Math.max(HIDDEN_BYTES, 2 * hidden.bytes) },
  ];
}
