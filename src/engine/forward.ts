/**
 * One forward pass as a list of dispatches. The list depends on the canvas's length only through workgroup counts, so
 * buffers and bind groups are made once per capacity and replayed; a canvas shorter than the capacity leaves the rest of
 * each buffer alone. Its result, one normed hidden row per token, stays on the card on a numbered shelf.
 */

import type { Arch } from '../model/arch.ts';
import { said } from '../text/said.ts';
import { type Adapter, adapterOf } from './adapter.ts';
import { type EngineDevice, guarded } from './device.ts';
import { type Dispatch, encode, type Kernels } from './kernel.ts';
import type { Tile, TileName } from './kernels/matmul.ts';
import { Memory } from './memory.ts';
import { alignUp, strideOf } from './pack.ts';
import { type Plan, planForward, type Step } from './plan.ts';
import { type Role, rowClass, type Tiles, tileNames, usualTiles } from './tiles.ts';
import type { GpuModel } from './upload.ts';

/** Bytes that remembered canvases may take, as long as that is at least two of them (guidance needs two). */
const SHELF_BYTES = 64 * 2 ** 20;
const MOST_SHELVES = 128;
const SMALLEST_CAPACITY = 64;

/** Which of the two buffers of ids a canvas is loaded into. */
export type Place = 0 | 1;

/** Rows `[from, to)` of a canvas. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A plan and the buffers it owns. */
type Workspace = Plan & { readonly memory: Memory; readonly keeps: boolean };

export class Forward {
  readonly #gpu: GPUDevice;
  readonly #adapter: Adapter;
  readonly #kernels: Kernels;
  readonly #arch: Arch;
  readonly #model: GpuModel;
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

  /** Canvases that can be remembered at once. */
  get shelves(): number {
    return this.#workspace?.shelves ?? 0;
  }

  /** `[shelves × capacity, strideOf(hiddenSize)]`. */
  get hidden(): GPUBuffer {
    return (this.#workspace as Workspace).hidden;
  }

  get bytes(): number {
    return this.#workspace?.memory.bytes ?? 0;
  }

  /** First row of a shelf in `hidden`. */
  shelfRow(shelf: number): number {
    return shelf * (this.#workspace as Workspace).capacity;
  }

  /** True once keys and values of every layer stay after a pass. */
  get keeps(): boolean {
    return this.#workspace?.keeps ?? false;
  }

  /**
   * Makes room for a canvas of this length and pipelines for `rows` rows of it; from the first time that `keep` is asked,
   * keys and values of every layer stay after a pass, and move along when the buffers grow. When the buffers had to grow, as many of the shelves `inUse`
   * as there is room for are moved to shelves 0, 1, 2 … of the new buffers, and their old numbers are returned.
   */
  async prepare(
    tokens: number,
    inUse: readonly number[],
    { rows = tokens, keep = false }: { readonly rows?: number; readonly keep?: boolean } = {},
  ): Promise<readonly number[] | undefined> {
    const tiles = this.tiles(rows);
    const old = this.#workspace;
    let kept: readonly number[] | undefined;
    if (!old || tokens > old.capacity || (keep && !old.keeps)) {
      const grown = await this.#build(Math.max(tokens, old?.capacity ?? 0), keep || this.keeps);
      this.#workspace = grown;
      kept = inUse.slice(0, grown.shelves);
      if (old) {
        this.#carryOver(old, grown, kept);
        old.memory.destroy();
      }
    }
    const workspace = this.#workspace as Workspace;
    if (!this.#pipelines.has(tiles)) {
      const steps = stepsOf(workspace, 0, 0);
      const compiled = steps.map(({ kernel, constants }) => this.#kernels.pipeline(kernel(tiles), constants(tiles)));
      this.#pipelines.set(tiles, await Promise.all(compiled));
    }
    return kept;
  }

  /** The dispatches for the canvas, or the rows of one, of which this many were loaded at `place`. */
  dispatches(tokens: number, shelf: number, place: Place = 0): Dispatch[] {
    const workspace = this.#workspace as Workspace;
    const tiles = this.tiles(tokens);
    const pipelines = this.#pipelines.get(tiles) as GPUComputePipeline[];
    return stepsOf(workspace, shelf, place).map(({ name, bindGroup, workgroups, work }, i) => ({
      name,
      pipeline: pipelines[i] as GPUComputePipeline,
      bindGroup,
      workgroups: workgroups(tokens, tiles),
      work: work?.(tokens),
    }));
  }

  /**
   * Adds one forward pass over `ids` whose hidden rows go to `shelf`. `prepare` must have been called. Passes of one
   * submission need places of their own, because everything is loaded before anything runs; and the same range.
   * With a range, only those rows go through the network, and to the beginning of the shelf; they see what keys and
   * values the last pass left at all other positions.
   */
  encode(pass: GPUComputePassEncoder, ids: Int32Array, shelf: number, place: Place, range?: Range): void {
    const { from, to } = range ?? { from: 0, to: ids.length };
    this.load(ids, place, { from, to });
    for (const dispatch of this.dispatches(to - from, shelf, place)) encode(pass, dispatch);
  }

  load(ids: Int32Array, place: Place = 0, { from, to }: Range = { from: 0, to: ids.length }): void {
    const { queue } = this.#gpu;
    queue.writeBuffer(this.#params, 0, new Uint32Array([to - from, from, ids.length - to]));
    queue.writeBuffer((this.#workspace as Workspace).ids[place], 0, ids.slice(from, to));
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
    const compile = async ({ name, kernel, constants, workgroups, bindGroup }: Step): Promise<Dispatch> => {
      const pipeline = await this.#kernels.pipeline(kernel(tiles), constants(tiles));
      return { name, pipeline, bindGroup, workgroups: workgroups(rows, tiles) };
    };
    try {
      const dispatches = await Promise.all(steps.map(compile));
      queue.writeBuffer(this.#params, 0, new Uint32Array([rows, 0, 0]));
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

  #carryOver(from: Workspace, to: Workspace, keep: readonly number[]): void {
    const rowBytes = 4 * strideOf(this.#arch.width);
    const encoder = this.#gpu.createCommandEncoder();
    keep.forEach((shelf, i) => {
      const bytes = from.capacity * rowBytes;
      encoder.copyBufferToBuffer(from.hidden, shelf * bytes, to.hidden, i * to.capacity * rowBytes, bytes);
    });
    if (from.keeps) {
      from.heads.forEach((heads, layer) => {
        encoder.copyBufferToBuffer(heads, 0, to.heads[layer] as GPUBuffer, 0, heads.size);
      });
    }
    this.#gpu.queue.submit([encoder.finish()]);
  }

  async #build(tokens: number, keeps: boolean): Promise<Workspace> {
    const { width: hiddenSize, maxLength } = this.#arch;
    let capacity = SMALLEST_CAPACITY;
    while (capacity < tokens) capacity *= 2;
    capacity = Math.min(capacity, alignUp(maxLength, SMALLEST_CAPACITY));
    const shelfBytes = 4 * capacity * strideOf(hiddenSize);
    const shelves = Math.min(MOST_SHELVES, Math.max(2, Math.floor(SHELF_BYTES / shelfBytes)));

    const memory = new Memory(this.#gpu);
    try {
      const plan = await guarded(this.#gpu, said`making room for ${capacity} tokens`, () =>
        planForward({
          gpu: this.#gpu,
          kernels: this.#kernels,
          memory,
          arch: this.#arch,
          model: this.#model,
          params: this.#params,
          capacity,
          shelves,
          keep: keeps,
          attention: this.#adapter === 'shuffling processor' ? 'subgroup' : 'tiled',
        }),
      );
      return { ...plan, memory, keeps };
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }
}

function stepsOf(plan: Plan, shelf: number, place: Place): Step[] {
  return [...plan.embed[place], ...plan.steps, plan.shelve[shelf] as Step];
}
