/**
 * y = epilogue(norm(x) · Wᵀ + bias): every linear layer. The norm before it and what follows it are part of the kernel,
 * so a transformer layer is four of these and one attention.
 */
import epilogueSource from '../../../shaders/epilogue.wgsl?raw';
import geluSource from '../../../shaders/gelu.wgsl?raw';
import matmulSource from '../../../shaders/matmul.wgsl?raw';
import weightsSource from '../../../shaders/weights.wgsl?raw';
import type { Constants, Kernel, Workgroups } from '../kernel.ts';
import { DTYPE_CODE, type PackedShape, strideOf } from '../pack.ts';
import { gelu } from './gelu.ts';

export const matmul: Kernel = {
  name: 'matmul',
  sources: [weightsSource, geluSource, matmulSource, epilogueSource],
  bindings: { 0: 'uniform', 1: 'read', 2: 'read', 3: 'read', 4: 'read', 5: 'read', 6: 'write', 7: 'write' },
};

/** How a product is cut up: WX × WY threads of ROWS × 4 outputs each, K in pieces of CHUNK. */
export interface Tile {
  readonly WX: number;
  readonly WY: number;
  readonly ROWS: number;
  readonly CHUNK: number;
}

/**
 * From few rows to many: small tiles keep all cores busy, large ones fetch each value less often. A processor that plays
 * a graphics card has few cores and slow workgroup memory, of which SwiftShader compiles every word: for it, much work
 * per thread and small chunks.
 */
export const TILES = {
  few: { WX: 8, WY: 4, ROWS: 4, CHUNK: 32 },
  some: { WX: 8, WY: 8, ROWS: 4, CHUNK: 32 },
  many: { WX: 16, WY: 8, ROWS: 8, CHUNK: 16 },
  software: { WX: 8, WY: 4, ROWS: 8, CHUNK: 8 },
} as const satisfies Record<string, Tile>;

/**
 * The tile for a forward pass of `rows` tokens. All layers of a pass share it, because the norm statistics that one layer
 * leaves for the next are per tile. Large tiles pay once the narrowest layer still gives about 64 workgroups.
 */
export function tileFor(rows: number, hiddenSize: number, software: boolean): Tile {
  if (software) return TILES.software;
  if (rows <= 16) return TILES.few;
  return Math.ceil(rows / 64) * Math.ceil(hiddenSize / 64) >= 64 ? TILES.many : TILES.some;
}

export function tileColumns(tile: Tile): number {
  return 4 * tile.WX;
}

export const Epilogue = { Store: 0, Rotary: 1, Residual: 2, Gate: 3, Gelu: 4 } as const;
export type Epilogue = (typeof Epilogue)[keyof typeof Epilogue];

export interface MatmulOptions {
  readonly matrix: PackedShape;
  readonly tile: Tile;
  readonly epilogue: Epilogue;
  /** Epsilon of the layer norm before the product; absent for none. */
  readonly normEps?: number | undefined;
  /** For `Rotary`: padded head size, and the columns that are queries or keys. */
  readonly head?: number;
  readonly rotaryColumns?: number;
}

/** Width of the output. */
export function outputColumns({ matrix, epilogue }: Pick<MatmulOptions, 'matrix' | 'epilogue'>): number {
  return epilogue === Epilogue.Gate ? matrix.rows / 2 : matrix.rows;
}

export function matmulConstants(options: MatmulOptions): Constants {
  const { matrix, tile, epilogue, normEps, head = 4, rotaryColumns = 0 } = options;
  return {
    DTYPE: DTYPE_CODE[matrix.dtype],
    K: strideOf(matrix.columns),
    N: matrix.rows,
    Y_STRIDE: strideOf(outputColumns(options)),
    ...tile,
    NORM: normEps !== undefined,
    FEATURES: matrix.columns,
    EPS: normEps ?? 0,
    EPILOGUE: epilogue,
    HEAD: head,
    ROTARY_COLUMNS: rotaryColumns,
  };
}

export function matmulWorkgroups(tile: Tile, rows: number, columns: number): Workgroups {
  return [Math.ceil(rows / (tile.WY * tile.ROWS)), Math.ceil(columns / tileColumns(tile))];
}

/** y = x · Wᵀ + bias in f64, rounded to f32 at the end. `x` is `[rows, K]`, `w` `[N, K]`. */
export function twin(x: Float32Array, w: Float32Array, columns: number, bias?: Float32Array): Float32Array {
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

/** gelu(u) · g of the two halves of each row: `[rows, 2 · width]` to `[rows, width]`. */
export function gateTwin(x: Float32Array, width: number): Float32Array {
  const y = new Float32Array(x.length / 2);
  for (let i = 0; i < y.length; i++) {
    const at = Math.floor(i / width) * 2 * width + (i % width);
    y[i] = gelu(x[at] as number) * (x[at + width] as number);
  }
  return y;
}

export function geluTwin(x: Float32Array): Float32Array {
  return x.map(gelu);
}
