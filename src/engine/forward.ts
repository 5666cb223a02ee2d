/**
 * A forward pass as a list of dispatches over the rows of some sequences, side by side. The list depends on the rows only
 * through workgroup counts, so buffers and bind groups are made once per capacity and replayed; fewer rows leave the rest
 * of each buffer alone. Its result, one hidden row per row, stays on the card.
 */
import { type Arch, qkvRows } from '../model/arch.ts';
import { said } from '../text/said.ts';
import { type Adapter, adapterOf } from './adapter.ts';
import { type EngineDevice, guarded } from './device.ts';
import { type Dispatch, encode, type Kernels } from './kernel.ts';
import type { Tile, TileName } from './kernels/matmul.ts';
import { type Row, type Span, writeRows, writeSpans } from './kernels/rows.ts';
import { Memory } from './memory.ts';
import { alignUp, paddedHead, strideOf } from './pack.ts';
import { type Load, type Plan, type PlanSizes, planForward, type Step } from './plan.ts';
import type { Text } from './sequence-cache.ts';
import { type Role, rowClass, type Tiles, tileNames, usualTiles } from './tiles.ts';
import type { GpuModel } from './upload.ts';

/** Bytes that remembered hidden rows may take, as long as that is at least two passes. */
const HIDDEN_BYTES = 64 * 2 ** 20;
/** Bytes of keys and values that a batch may take, as long as that is at least one sequence. */
const KEPT_BYTES = 256 * 2 ** 20;
const SMALLEST_CAPACITY = 64;
/** Rows of one pass, as long as that is at least one sequence. */
const MOST_ROWS = 2048;

/** Rows `[from, to)` of a text, whose other keys and values lie on the card. */
export interface Job {
  readonly text: Text;
  readonly from: number;
  readonly to: number;
  /** Where row 0 of its keys and values lies; undefined where they need not stay. */
  readonly place: number | undefined;
  /** Where the hidden row of `from` goes. */
  readonly hidden: number;
}

/** What the buffers must hold. */
export interface Room {
  /** Of a pass. */
  readonly rows: number;
  /** Of keys and values that stay. */
  readonly places: number;
  readonly keep: boolean;
  /** Positions told to the network are below this. */
  readonly positions: number;
}

/** A plan and the buffers it owns. */
type Workspace = Plan & { readonly memory: Memory };

export class Forward {
  readonly #gpu: GPUDevice;
  readonly #adapter: Adapter;
  readonly #kernels: Kernels;
  readonly #arch: Arch;
  #model: GpuModel;
  /** Of the adapter in `#model`. */
  #weight = 1;
  readonly #params: GPUBuffer;
  /** By class of rows. */
  readonly #tiles = new Map<number, Tiles>();
  readonly #pipelines = new Map<Tiles, GPUComputePipeline[]>();
  #workspace: Workspace | undefined;

  constructor(device: EngineDevice, kernels: Kernels, memory: Memory, arch: Arch, model: GpuModel) {
    this.#gpu = device.gpu;
    this.#adapter = adapterOf(device);
    this.#kernels = kernels;
    this.#arch = arch;
    this.#model = model;
    this.#params = memory.buffer('params', 16, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  }

  /** Another model of the same shapes, from the next pass on: with an adapter, or without. */
  setModel(model: GpuModel, weight: number): void {
    this.#weight = weight;
    if (model === this.#model) {
      this.#weigh();
      return;
    }
    this.#model = model;
    this.destroy();
    this.#pipelines.clear();
  }

  #weigh(): void {
    const weight = new Float32Array([this.#weight, 0, 0, 0]);
    for (const { buffer, offset } of this.#workspace?.weighed ?? [])
      this.#gpu.queue.writeBuffer(buffer, offset, weight);
  }

  /** `[rows, strideOf(width)]`. */
  get hidden(): GPUBuffer {
    return (this.#workspace as Workspace).hidden;
  }

  get sizes(): PlanSizes {
    return this.#workspace as Workspace;
  }

  get bytes(): number {
    return this.#workspace?.memory.bytes ?? 0;
  }

  /** How many positions of sequences one submission may have, unless it is a single sequence. */
  mostRows(keep: boolean): number {
    const bytes = this.#arch.layers.reduce(
      (sum, { attention }) => sum + 4 * qkvRows({ ...attention, headDim: paddedHead(attention.headDim) }),
      0,
    );
    return keep ? Math.min(MOST_ROWS, Math.floor(KEPT_BYTES / bytes)) : MOST_ROWS;
  }

  /**
   * Makes room, and pipelines for passes of so many rows each; from the first time that `keep` is asked, keys and values of every
   * layer stay after a pass. When buffers grow, what they held stays where it was.
   */
  async prepare(room: Room, passes: readonly number[]): Promise<void> {
    const old = this.#workspace;
    const sizes = this.#sizes(room, old);
    const grows =
      !old ||
      (['capacity', 'hiddenRows', 'places', 'positions'] as const).some((key) => sizes[key] > old[key]) ||
      sizes.keep !== old.keep;
    if (grows) {
      const grown = await this.#build(sizes);
      this.#workspace = grown;
      this.#weigh();
      if (old) {
        this.#carryOver(old, grown);
        old.memory.destroy();
      }
    }
    for (const rows of passes) if (rows > 0) await this.#compile(this.tiles(rows));
  }

  async #compile(tiles: Tiles): Promise<void> {
    if (this.#pipelines.has(tiles)) return;
    const { steps } = this.#workspace as Workspace;
    const compiled = steps.map(({ kernel, constants }) => this.#kernels.pipeline(kernel(tiles), constants(tiles)));
    this.#pipelines.set(tiles, await Promise.all(compiled));
  }

  /** The dispatches of a pass. */
  dispatches(load: Load): Dispatch[] {
    const { steps } = this.#workspace as Workspace;
    const tiles = this.tiles(load.rows);
    const pipelines = this.#pipelines.get(tiles) as GPUComputePipeline[];
    return steps.map(({ name, bindGroup, workgroups, work }, i) => ({
      name,
      pipeline: pipelines[i] as GPUComputePipeline,
      bindGroup,
      workgroups: workgroups(load, tiles),
      work: work?.(load),
    }));
  }

  /**
   * Adds one pass over the rows of these jobs; `prepare` must have been called. A submission can hold one pass, because
   * everything is loaded before anything runs.
   */
  encode(pass: GPUComputePassEncoder, jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    for (const dispatch of this.dispatches(this.load(jobs))) encode(pass, dispatch);
  }

  /** Says which rows the next pass runs. */
  load(jobs: readonly Job[]): Load {
    const rows: Row[] = [];
    const spans: Span[] = [];
    for (const { text, from, to, place, hidden } of jobs) {
      const row0 = rows.length;
      // Keys and values that need not stay stand as the rows do; such jobs run whole sequences.
      const at = place ?? row0;
      spans.push({ row0, rows: to - from, first: from, positions: text.ids.length, place: at, sees: text.sees });
      for (let i = from; i < to; i++) {
        const id = text.ids[i] as number;
        rows.push({ id, position: text.positions?.[i] ?? i, place: at + i, hidden: hidden + i - from });
      }
    }
    const { queue } = this.#gpu;
    const { rows: rowTable, spans: spanTable } = this.#workspace as Workspace;
    queue.writeBuffer(this.#params, 0, new Uint32Array([rows.length]));
    queue.writeBuffer(rowTable, 0, writeRows(rows));
    queue.writeBuffer(spanTable, 0, writeSpans(spans));
    return { rows: rows.length, spans };
  }

  destroy(): void {
    this.#workspace?.memory.destroy();
    this.#workspace = undefined;
  }

  /** The tiles of a pass of this many rows. */
  tiles(rows: number): Tiles {
    const found = this.#tiles.get(rowClass(rows));
    if (found) return found;
    const usual = usualTiles(rowClass(rows), this.#arch.width, this.#adapter);
    this.#tiles.set(rowClass(rows), usual);
    return usual;
  }

  /** Names of the tiles of every class that was asked for. */
  chosen(): [rows: number, Readonly<Record<Role, TileName>>][] {
    return [...this.#tiles].map(([rows, tiles]) => [rows, tileNames(tiles)]);
  }

  /** From now on, passes of this class take these tiles; `prepare` compiles them. */
  setTiles(rows: number, tiles: Tiles): void {
    this.#tiles.set(rowClass(rows), tiles);
  }

  /**
   * Milliseconds of all products of a kind in a pass of `rows` tokens, were they cut so; the fastest of three. Infinity
   * where that tile cannot run. Overwrites activations, keys and values; `prepare` must have been called.
   */
  async time(role: Role, tile: Tile, rows: number): Promise<number> {
    const { queue } = this.#gpu;
    const tiles: Tiles = { ...this.tiles(rows), [role]: tile };
    const steps = (this.#workspace as Workspace).steps.filter((step) => step.role === role);
    const load = this.load([{ text: { ids: new Int32Array(rows) }, from: 0, to: rows, place: 0, hidden: 0 }]);
    const compile = async ({ name, kernel, constants, workgroups, bindGroup }: Step): Promise<Dispatch> => {
      const pipeline = await this.#kernels.pipeline(kernel(tiles), constants(tiles));
      return { name, pipeline, bindGroup, workgroups: workgroups(load, tiles) };
    };
    try {
      const dispatches = await Promise.all(steps.map(compile));
      let fastest = Infinity;
      for (let round = 0; round < 4; round++) {
        await queue.onSubmittedWorkDone();
        const began = performance.now();
        await guarded(this.#gpu, 'trying kernels', () => {
          const encoder = this.#gpu.createCommandEncoder({ label: 'tune' });
          const pass = encoder.beginComputePass();
          for (const dispatch of dispatches) encode(pass, dispatch);
          pass.end();
          queue.submit([encoder.finish()]);
        });
        await queue.onSubmittedWorkDone();
        if (round > 0) fastest = Math.min(fastest, performance.now() - began);
      }
      return fastest;
    } catch {
      return Infinity; // a driver that cannot compile a form is no reason to stop
    }
  }

  #carryOver(from: Workspace, to: Workspace): void {
    const encoder = this.#gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(from.hidden, 0, to.hidden, 0, from.hidden.size);
    if (from.keep) {
      from.heads.forEach((heads, layer) => {
        encoder.copyBufferToBuffer(heads, 0, to.heads[layer] as GPUBuffer, 0, heads.size);
      });
    }
    this.#gpu.queue.submit([encoder.finish()]);
  }

  #sizes({ rows, places, keep, positions }: Room, old: Workspace | undefined): PlanSizes {
    const { width, maxLength } = this.#arch;
    const longest = alignUp(maxLength, SMALLEST_CAPACITY);
    const grow = (wanted: number) => {
      let size = SMALLEST_CAPACITY;
      while (size < wanted) size *= 2;
      return wanted <= longest ? Math.min(size, longest) : size;
    };
    const capacity = Math.max(grow(rows), old?.capacity ?? 0);
    const kept = keep || (old?.keep ?? false);
    return {
      capacity,
      hiddenRows: Math.max(Math.floor(HIDDEN_BYTES / (4 * strideOf(width))), 2 * capacity),
      places: Math.max(capacity, kept ? grow(places) : 0, old?.places ?? 0),
      positions: Math.max(capacity, grow(positions), old?.positions ?? 0),
      keep: kept,
    };
  }

  async #build(sizes: PlanSizes): Promise<Workspace> {
    const memory = new Memory(this.#gpu);
    try {
      const plan = await guarded(this.#gpu, said`making room for ${sizes.capacity} tokens`, () =>
        planForward({
          gpu: this.#gpu,
          kernels: this.#kernels,
          memory,
          arch: this.#arch,
          model: this.#model,
          params: this.#params,
          sizes,
          attention: this.#adapter === 'shuffling processor' ? 'subgroup' : 'tiled',
        }),
      );
      return { ...plan, memory };
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }
}
