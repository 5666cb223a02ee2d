/**
 * y = epilogue(norm(x) · Wᵀ + bias): every linear layer. The norm before it and what follows it are part of the kernel,
 * so a transformer layer is four of these and one attention.
 */
import activationSource from '../../../shaders/activation.wgsl?raw';
import enableHalf from '../../../shaders/enable_f16.wgsl?raw';
import enableSubgroups from '../../../shaders/enable_subgroups.wgsl?raw';
import epilogueSource from '../../../shaders/epilogue.wgsl?raw';
import geluSource from '../../../shaders/gelu.wgsl?raw';
import matmulSource from '../../../shaders/matmul.wgsl?raw';
import halfSource from '../../../shaders/matmul_half.wgsl?raw';
import plainSource from '../../../shaders/matmul_plain.wgsl?raw';
import stagedSource from '../../../shaders/matmul_staged.wgsl?raw';
import subgroupSource from '../../../shaders/matmul_subgroup.wgsl?raw';
import nf4Source from '../../../shaders/nf4.wgsl?raw';
import nf4SubgroupSource from '../../../shaders/nf4_subgroup.wgsl?raw';
import rowSource from '../../../shaders/rows.wgsl?raw';
import weightsSource from '../../../shaders/weights.wgsl?raw';
import type { Activation, Norm } from '../../model/arch.ts';
import type { Adapter } from '../adapter.ts';
import type { Constants, Kernel, Workgroups } from '../kernel.ts';
import type { LowLayout } from '../low-layout.ts';
import { alignUp, DTYPE_CODE, PANEL, type PackedShape, strideOf } from '../pack.ts';
import { ACTIVATION_CODE, activationReference } from './activation.ts';

/** How operands reach the registers; see the shader files of the same names. */
export type Form = 'staged' | 'plain' | 'subgroup' | 'half';

function matmulKernel(name: string, ...sources: string[]): Kernel {
  const [enable = '', main = ''] = sources.length === 2 ? sources : ['', sources[0]];
  const nf4 = enable === enableSubgroups ? nf4SubgroupSource : nf4Source;
  return {
    name,
    sources: [enable, weightsSource, nf4, geluSource, activationSource, rowSource, matmulSource, epilogueSource, main],
    bindings: {
      0: 'uniform',
      1: 'read',
      2: 'read',
      3: 'read',
      4: 'read',
      5: 'read',
      6: 'write',
      7: 'write',
      8: 'read',
    },
  };
}

/** One kernel per form. Their bindings are the same, so a bind group of one serves all. */
export const MATMULS: Readonly<Record<Form, Kernel>> = {
  staged: matmulKernel('matmul staged', stagedSource),
  plain: matmulKernel('matmul plain', plainSource),
  subgroup: matmulKernel('matmul subgroup', enableSubgroups, subgroupSource),
  half: matmulKernel('matmul half', enableHalf, halfSource),
};

/** What a device must offer for a form. */
export const FORM_FEATURE: Readonly<Partial<Record<Form, GPUFeatureName>>> = {
  subgroup: 'subgroups',
  half: 'shader-f16',
};

/** How a product is cut up: WX × WY threads of ROWS × 4 outputs each, and K in pieces of CHUNK where it is staged. */
export interface Tile {
  readonly form: Form;
  readonly WX: number;
  readonly WY: number;
  readonly ROWS: number;
  readonly CHUNK?: number;
}

/**
 * From few rows to many: small tiles keep all cores busy, large ones fetch each value less often. A processor that plays
 * a graphics card has few cores and slow workgroup memory, of which SwiftShader compiles every word: for it, much work
 * per thread and small chunks.
 */
export const TILES = {
  few: { form: 'staged', WX: 8, WY: 4, ROWS: 4, CHUNK: 32 },
  some: { form: 'staged', WX: 8, WY: 8, ROWS: 4, CHUNK: 32 },
  many: { form: 'staged', WX: 16, WY: 8, ROWS: 8, CHUNK: 16 },
  software: { form: 'staged', WX: 8, WY: 4, ROWS: 8, CHUNK: 8 },
  /** For the rows of a block, and for the one new token of a text. */
  softwareBlock: { form: 'staged', WX: 8, WY: 2, ROWS: 8, CHUNK: 8 },
  softwareRow: { form: 'staged', WX: 8, WY: 1, ROWS: 1, CHUNK: 32 },
  plain: { form: 'plain', WX: 8, WY: 8, ROWS: 4 },
  plainTall: { form: 'plain', WX: 16, WY: 4, ROWS: 8 },
  subgroup: { form: 'subgroup', WX: 32, WY: 1, ROWS: 8 },
  softwareSubgroup: { form: 'subgroup', WX: 16, WY: 1, ROWS: 8 },
  half: { form: 'half', WX: 8, WY: 8, ROWS: 4, CHUNK: 32 },
  halfMany: { form: 'half', WX: 16, WY: 8, ROWS: 8, CHUNK: 16 },
} as const satisfies Record<string, Tile>;
export type TileName = keyof typeof TILES;

/** The tile for a forward pass of `rows` tokens where nothing was measured. Large tiles pay once the narrowest layer still gives about 64 workgroups. */
export function tileFor(rows: number, hiddenSize: number, adapter: Adapter): Tile {
  if (adapter === 'shuffling processor' && rows > 1) return TILES.softwareSubgroup;
  if (adapter !== 'card') return rows === 1 ? TILES.softwareRow : rows <= 16 ? TILES.softwareBlock : TILES.software;
  if (rows <= 16) return TILES.few;
  return Math.ceil(rows / 64) * Math.ceil(hiddenSize / 64) >= 64 ? TILES.many : TILES.some;
}

export function tileColumns(tile: Tile): number {
  return 4 * tile.WX;
}

export const Epilogue = { Store: 0, Rotary: 1, Residual: 2, Gate: 3, Activate: 4 } as const;
export type Epilogue = (typeof Epilogue)[keyof typeof Epilogue];

/** A norm whose input's moments stand in one half of `stats`. */
export interface StatsNorm extends Pick<Norm, 'kind' | 'eps'> {
  readonly half: 0 | 1;
}

export interface MatmulOptions {
  readonly matrix: PackedShape;
  readonly tile: Tile;
  readonly epilogue: Epilogue;
  /** Of `Gate` and `Activate`. */
  readonly activation?: Activation | undefined;
  /** The norm of x before the product. */
  readonly normBefore?: StatsNorm | undefined;
  /** Of `Residual`: the norm of what is added to. Not with `normBefore`. */
  readonly normOld?: StatsNorm | undefined;
  /** Of `Residual`: where the moments of the sum go. */
  readonly statsHalf?: 0 | 1 | undefined;
  /** Rows of y stand at their places. */
  readonly placed?: boolean | undefined;
  /** For `Rotary`: padded head size, and the columns that are queries or keys. */
  readonly head?: number;
  readonly rotaryColumns?: number;
  /** What an adapter adds, and where it lies behind the bias; see `low-layout.ts`. */
  readonly low?: { readonly rank: number; readonly layout: LowLayout } | undefined;
}

/** Columns per entry of the moments that a residual leaves (`PIECE` in shaders/matmul.wgsl). */
export const PIECE = 32;

/** Width of the output. */
export function outputColumns({ matrix, epilogue }: Pick<MatmulOptions, 'matrix' | 'epilogue'>): number {
  return epilogue === Epilogue.Gate ? matrix.rows / 2 : matrix.rows;
}

export function matmulConstants(options: MatmulOptions): Constants {
  const { matrix, tile, epilogue, activation = 'gelu', normBefore, normOld, statsHalf = 0, placed = false } = options;
  const { head = 4, rotaryColumns = 0 } = options;
  const { form: _, ...sizes } = tile;
  const norm = normBefore ?? normOld;
  const features = normOld ? matrix.rows : matrix.columns;
  return {
    DTYPE: DTYPE_CODE[matrix.dtype],
    K: strideOf(matrix.columns),
    N: matrix.rows,
    Y_STRIDE: strideOf(outputColumns(options)),
    ...sizes,
    NORM: normBefore !== undefined,
    RENORM: normOld !== undefined,
    RMS: norm?.kind === 'rms',
    FEATURES: features,
    NORM_STRIDE: strideOf(features),
    EPS: norm?.eps ?? 0,
    READ_HALF: norm?.half ?? 0,
    WRITE_HALF: statsHalf,
    EPILOGUE: epilogue,
    ACTIVATION: ACTIVATION_CODE[activation],
    PLACED: placed,
    HEAD: head,
    ROTARY_COLUMNS: rotaryColumns,
    ...(options.low && lowConstants(matrix, options.low)),
  };
}

/** In fours, as the kernel reads. */
function lowConstants({ rows }: PackedShape, { rank, layout }: NonNullable<MatmulOptions['low']>): Constants {
  return {
    RANK: rank / 4,
    LOW_WEIGHT: layout.weight / 4,
    LOW_B: layout.b / 4,
    LOW_T: layout.t / 4,
    T_STRIDE: layout.tStride / 4,
    LOW_COLUMNS: alignUp(rows, PANEL) / 4,
  };
}

export function matmulWorkgroups(tile: Tile, rows: number, columns: number): Workgroups {
  return [Math.ceil(rows / (tile.WY * tile.ROWS)), Math.ceil(columns / tileColumns(tile))];
}

/** y = x · Wᵀ + bias in f64, rounded to f32 at the end. `x` is `[rows, K]`, `w` `[N, K]`. */
export function reference(x: Float32Array, w: Float32Array, columns: number, bias?: Float32Array): Float32Array {
  const rows = x.length / columns;
  const outputs = w.length / columns;
  const y = new Float32Array(rows * outputs);
  for (let r = 0; r < rows; r++) {
    for (let n = 0; n < outputs; n++) {
      let sum = bias?.[n] ?? 0;
      for (let k = 0; k < columns; k++) sum += (x[r * columns + k] as number) * (w[n * columns + k] as number);
      y[r * outputs + n] = sum;
    }
  }
  return y;
}

/** activation(u) · g of the two halves of each row: `[rows, 2 · width]` to `[rows, width]`. */
export function gateReference(x: Float32Array, width: number, activation: Activation): Float32Array {
  const y = new Float32Array(x.length / 2);
  for (let i = 0; i < y.length; i++) {
    const at = Math.floor(i / width) * 2 * width + (i % width);
    y[i] = activationReference(activation, x[at] as number) * (x[at + width] as number);
  }
  return y;
}
