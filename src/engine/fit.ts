/**
 * Whether a model fits a device, known before a byte of it is downloaded: sizes follow from its configuration alone.
 * WebGPU tells how large one buffer may be, never how much memory there is; who knows that from elsewhere may say so.
 */

import type { DType } from '../checkpoint/model.ts';
import type { Arch, LayerSpec } from '../model/arch.ts';
import { MAX_HEAD } from './kernels/attention.ts';
import { TILE_TOKENS } from './kernels/decode.ts';
import { alignUp, PANEL, type PackedShape, paddedHead, panelCount, panelWords, strideOf } from './pack.ts';
import { partRows, tokenBytes } from './parts.ts';
import { type PackedType, PRECISIONS, type Precision, packedType } from './precision.ts';

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

/** `length`: of the longest canvas to be asked; bytes and tokens throughout. */
export function fits(
  arch: Arch,
  stored: DType,
  precision: Precision,
  limits: FitLimits,
  length = Math.min(512, arch.maxLength),
): Fit {
  const sizes = sizesOf(arch, packedType(stored, precision), limits, length);
  const obstacle = obstacleOf(arch, sizes, limits);
  const fitsWith = (type: PackedType, tokens: number) =>
    obstacleOf(arch, sizesOf(arch, type, limits, tokens), limits) === undefined;
  const instead: ({ precision: Precision } | { length: number })[] = [];
  if (obstacle !== undefined) {
    const weight = (other: Precision) => sizesOf(arch, packedType(stored, other), limits, length).weightBytes;
    for (const other of PRECISIONS) {
      if (weight(other) < sizes.weightBytes && fitsWith(packedType(stored, other), length)) {
        instead.push({ precision: other });
      }
    }
    for (let shorter = length / 2; shorter >= PANEL; shorter /= 2) {
      if (!fitsWith(packedType(stored, precision), Math.floor(shorter))) continue;
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
  const { headDim } = (layers[0] as LayerSpec).attention;
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

function sizesOf(arch: Arch, dtype: PackedType, limits: FitLimits, length: number): Sizes {
  const weights = weightPieces(arch, dtype, largestBuffer(limits));
  const work = workPieces(arch, length);
  const sum = (pieces: readonly Piece[]) => pieces.reduce((total, { bytes }) => total + bytes, 0);
  const largest = [...weights, ...work].reduce((most, piece) => (piece.bytes > most.bytes ? piece : most));
  const tableParts = weights.filter(({ name }) => name === 'embeddings').length;
  return { weightBytes: sum(weights), workBytes: sum(work), largest, tableParts };
}

/** Every buffer that `uploadModel` makes, in bytes. */
export function weightPieces(arch: Arch, dtype: PackedType, limit: number): Piece[] {
  const { width: hidden, vocab: vocabSize, layers, head: last } = arch;
  const [first] = layers as readonly [LayerSpec];
  const { width } = first.mlp;
  const head = first.attention.heads * paddedHead(first.attention.headDim);
  const pieces: Piece[] = [];
  const matrix = (name: string, rows: number, columns: number, bias: boolean) => {
    const shape: PackedShape = { dtype, rows, columns };
    pieces.push({ name, bytes: 4 * panelWords(shape) * panelCount(shape) });
    if (bias) pieces.push({ name: `${name}.bias`, bytes: 4 * alignUp(rows, PANEL) });
  };
  const norm = (name: string) => pieces.push({ name, bytes: 8 * strideOf(hidden) });
  const table = (name: string) => {
    for (const { rows } of partRows(vocabSize, { dtype, columns: hidden }, limit)) {
      pieces.push({ name, bytes: tokenBytes(rows, { dtype, columns: hidden }) });
    }
  };
  const gated = 2 * alignUp(width, 2);
  pieces.push({ name: 'zeros', bytes: 4 * alignUp(Math.max(vocabSize, 3 * head, gated, hidden), TILE_TOKENS) });
  table('embeddings');
  norm('embeddings.norm');
  layers.forEach(({ attention, mlp }, i) => {
    const at = `layers.${i}.`;
    if (attention.norm) norm(`${at}attnNorm`);
    matrix(`${at}qkv`, 3 * head, hidden, attention.bias.qkv);
    matrix(`${at}attnOut`, hidden, head, attention.bias.out);
    norm(`${at}mlpNorm`);
    matrix(`${at}mlpIn`, gated, hidden, mlp.bias.in);
    matrix(`${at}mlpOut`, hidden, width, mlp.bias.out);
  });
  norm('finalNorm');
  matrix('head.dense', hidden, hidden, last.dense?.bias ?? false);
  norm('head.norm');
  if (!arch.tied) table('decoder');
  if (last.decoderBias) pieces.push({ name: 'decoder.bias', bytes: 4 * alignUp(vocabSize, TILE_TOKENS) });
  return pieces;
}

/** Remembered canvases take about this much. */
const SHELF_BYTES = 64 * 2 ** 20;

/** Activations for a canvas of this length, by the names of plan.ts. */
function workPieces({ width: hiddenSize, layers }: Arch, length: number): Piece[] {
  const {
    attention: { heads, headDim },
    mlp: { width: intermediateSize },
  } = layers[0] as LayerSpec;
  const rows = (name: string, width: number) => ({ name, bytes: 4 * alignUp(length, PANEL) * strideOf(width) });
  const head = heads * paddedHead(headDim);
  const shelf = rows('hidden', hiddenSize);
  return [
    rows('residual', hiddenSize),
    rows('qkv', 3 * head),
    rows('mixed', head),
    rows('gated', intermediateSize),
    rows('dense', hiddenSize),
    { name: 'hidden', bytes: Math.max(SHELF_BYTES, 2 * shelf.bytes) },
  ];
}
