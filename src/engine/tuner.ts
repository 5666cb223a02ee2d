/** An engine's choice of kernels: for each class of canvases once, from the cache or by trying (tune.ts). */
import type { EngineDevice } from './device.ts';
import type { TileName } from './kernels/matmul.ts';
import type { Passes } from './passes.ts';
import { type Role, rowClass } from './tiles.ts';
import { type TuningCache, tuned, tuningKey } from './tune.ts';
import type { GpuModel, Layer } from './upload.ts';
import type { UploadOptions } from './uploader.ts';

export interface TunerOptions {
  /** Where the choice of kernels is kept; without it nothing is tried, and the usual ones are taken. */
  readonly tuning?: TuningCache | undefined;
  /** Milliseconds that trying kernels may take, once per size class of canvases; 5,000 unless told. */
  readonly tuningBudget?: number | undefined;
  /** Whether products may be multiplied in f16 (sums stay f32); by default where weights were rounded anyway. */
  readonly allowF16Arithmetic?: boolean | undefined;
}

export interface TileChoice {
  /** The largest number of rows that is treated alike. */
  readonly rows: number;
  readonly tiles: Readonly<Record<Role, TileName>>;
  readonly measured: boolean;
}

export class Tuner {
  readonly #device: EngineDevice;
  readonly #passes: Passes;
  readonly #model: GpuModel;
  readonly #options: TunerOptions & Pick<UploadOptions, 'precision'>;
  /** Classes of rows whose tiles were measured. */
  readonly #tuned = new Set<number>();

  constructor(
    device: EngineDevice,
    passes: Passes,
    model: GpuModel,
    options: TunerOptions & Pick<UploadOptions, 'precision'>,
  ) {
    this.#device = device;
    this.#passes = passes;
    this.#model = model;
    this.#options = options;
  }

  /**
   * Takes the tiles that were, or now are, measured to be the fastest for canvases of about this length, and tells whether
   * anything was chosen. A processor that plays a card keeps the usual ones: compiling the others takes it minutes. Buffers
   * for this length must be there.
   */
  async choose(tokens: number): Promise<boolean> {
    const { tuning, precision = 'stored', tuningBudget: budget = 5000 } = this.#options;
    if (!tuning || this.#device.software || this.#tuned.has(rowClass(tokens))) return false;
    const { allowF16Arithmetic: allowF16 = precision !== 'stored' } = this.#options;
    const { forward } = this.#passes;
    const rows = Math.min(rowClass(tokens), tokens);
    const { qkv, attnOut, mlpIn, mlpOut } = this.#model.layers[0] as Layer;
    const shapes = [qkv, attnOut, mlpIn, mlpOut].flatMap(({ matrix }) => [matrix.rows, matrix.columns]);
    const sizes = [...shapes, qkv.matrix.dtype, rowClass(tokens), allowF16];
    const tiles = await tuned(tuning, tuningKey(this.#device.description, sizes), {
      features: this.#device.gpu.features,
      allowF16,
      usual: forward.tiles(tokens),
      budget,
      time: (role, tile) => forward.time(role, tile, rows),
    });
    forward.setTiles(tokens, tiles);
    this.#tuned.add(rowClass(tokens));
    this.#passes.clear(); // rows of other tiles differ in their last bits
    return true;
  }

  /** Tiles of each class of canvases asked so far, and whether they were measured on this card. */
  get choices(): readonly TileChoice[] {
    return this.#passes.forward.chosen().map(([rows, tiles]) => ({ rows, tiles, measured: this.#tuned.has(rows) }));
  }
}
