/**
 * One forward pass as a list of dispatches. The list depends on the canvas's length only through workgroup counts, so
 * buffers and bind groups are made once per capacity and replayed; a canvas shorter than the capacity leaves the rest of
 * each buffer alone. Its result, one normed hidden row per token, stays on the card on a numbered shelf.
 */
import type { ModelConfig } from '../checkpoint/model.ts';
import { type EngineDevice, guarded } from './device.ts';
import { type Constants, type Dispatch, encode, type Kernel, type Kernels, type Workgroups } from './kernel.ts';
import { attention, attentionConstants, attentionWorkgroups, rotaryTable } from './kernels/attention.ts';
import { embed, embedConstants } from './kernels/embed.ts';
import {
  Epilogue,
  type MatmulOptions,
  matmul,
  matmulConstants,
  matmulWorkgroups,
  TILES,
  type Tile,
  tileColumns,
  tileFor,
} from './kernels/matmul.ts';
import { norm, normConstants } from './kernels/norm.ts';
import { Memory } from './memory.ts';
import { alignUp, paddedHead, strideOf } from './pack.ts';
import type { GpuModel, Linear } from './upload.ts';

/** Bytes that remembered canvases may take, as long as that is at least two of them (guidance needs two). */
const SHELF_BYTES = 64 * 2 ** 20;
const MOST_SHELVES = 8;
const SMALLEST_CAPACITY = 64;

/** A dispatch before its tile and length are known. */
interface Step {
  readonly kernel: Kernel;
  readonly name: string;
  readonly bindGroup: GPUBindGroup;
  constants(tile: Tile): Constants;
  workgroups(tokens: number, tile: Tile): Workgroups;
}

/** Buffers for canvases of up to `capacity` tokens, and the steps over them. */
interface Workspace {
  readonly capacity: number;
  readonly shelves: number;
  readonly memory: Memory;
  readonly ids: GPUBuffer;
  readonly hidden: GPUBuffer;
  readonly steps: readonly Step[];
  /** The last step, for each shelf. */
  readonly shelve: readonly Step[];
}

export class Forward {
  readonly #gpu: GPUDevice;
  readonly #software: boolean;
  readonly #kernels: Kernels;
  readonly #config: ModelConfig;
  readonly #model: GpuModel;
  readonly #params: GPUBuffer;
  readonly #pipelines = new Map<Tile, GPUComputePipeline[]>();
  #workspace: Workspace | undefined;

  constructor(device: EngineDevice, kernels: Kernels, memory: Memory, config: ModelConfig, model: GpuModel) {
    this.#gpu = device.gpu;
    this.#software = device.software;
    this.#kernels = kernels;
    this.#config = config;
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

  /**
   * Makes room and pipelines for a canvas of this length. When the buffers had to grow, as many of the shelves `inUse`
   * as there is room for are moved to shelves 0, 1, 2 … of the new buffers, and their old numbers are returned.
   */
  async prepare(tokens: number, inUse: readonly number[]): Promise<readonly number[] | undefined> {
    const tile = this.#tile(tokens);
    const old = this.#workspace;
    let kept: readonly number[] | undefined;
    if (!old || tokens > old.capacity) {
      const grown = await this.#build(tokens);
      this.#workspace = grown;
      kept = inUse.slice(0, grown.shelves);
      if (old) {
        this.#carryOver(old, grown, kept);
        old.memory.destroy();
      }
    }
    const workspace = this.#workspace as Workspace;
    if (!this.#pipelines.has(tile)) {
      const steps = [...workspace.steps, workspace.shelve[0] as Step];
      const compiled = steps.map(({ kernel, constants }) => this.#kernels.pipeline(kernel, constants(tile)));
      this.#pipelines.set(tile, await Promise.all(compiled));
    }
    return kept;
  }

  /** The dispatches for a canvas of this length. */
  dispatches(tokens: number, shelf: number): Dispatch[] {
    const workspace = this.#workspace as Workspace;
    const tile = this.#tile(tokens);
    const pipelines = this.#pipelines.get(tile) as GPUComputePipeline[];
    const steps = [...workspace.steps, workspace.shelve[shelf] as Step];
    return steps.map(({ name, bindGroup, workgroups }, i) => ({
      name,
      pipeline: pipelines[i] as GPUComputePipeline,
      bindGroup,
      workgroups: workgroups(tokens, tile),
    }));
  }

  /** Queues one forward pass over `ids` whose hidden rows go to `shelf`. `prepare` must have been called. */
  run(ids: Int32Array, shelf: number): void {
    this.load(ids);
    const encoder = this.#gpu.createCommandEncoder({ label: 'forward' });
    const pass = encoder.beginComputePass();
    for (const dispatch of this.dispatches(ids.length, shelf)) encode(pass, dispatch);
    pass.end();
    this.#gpu.queue.submit([encoder.finish()]);
  }

  load(ids: Int32Array): void {
    const { queue } = this.#gpu;
    queue.writeBuffer(this.#params, 0, new Uint32Array([ids.length]));
    queue.writeBuffer((this.#workspace as Workspace).ids, 0, Int32Array.from(ids));
  }

  destroy(): void {
    this.#workspace?.memory.destroy();
    this.#workspace = undefined;
  }

  #tile(tokens: number): Tile {
    return tileFor(tokens, this.#config.hiddenSize, this.#software);
  }

  #carryOver(from: Workspace, to: Workspace, keep: readonly number[]): void {
    const rowBytes = 4 * strideOf(this.#config.hiddenSize);
    const encoder = this.#gpu.createCommandEncoder();
    keep.forEach((shelf, i) => {
      const bytes = from.capacity * rowBytes;
      encoder.copyBufferToBuffer(from.hidden, shelf * bytes, to.hidden, i * to.capacity * rowBytes, bytes);
    });
    this.#gpu.queue.submit([encoder.finish()]);
  }

  async #build(tokens: number): Promise<Workspace> {
    const { hiddenSize, maxLength } = this.#config;
    let capacity = SMALLEST_CAPACITY;
    while (capacity < tokens) capacity *= 2;
    capacity = Math.min(capacity, alignUp(maxLength, SMALLEST_CAPACITY));
    const shelfBytes = 4 * capacity * strideOf(hiddenSize);
    const shelves = Math.min(MOST_SHELVES, Math.max(2, Math.floor(SHELF_BYTES / shelfBytes)));

    const memory = new Memory(this.#gpu);
    try {
      return await guarded(this.#gpu, `making room for ${capacity} tokens`, () =>
        this.#plan(memory, capacity, shelves),
      );
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }

  #plan(memory: Memory, capacity: number, shelves: number): Workspace {
    const config = this.#config;
    const model = this.#model;
    const { hiddenSize, intermediateSize, heads, headDim, normEps } = config;
    const head = paddedHead(headDim);
    const rows = (label: string, width: number, usage = 0) =>
      memory.storage(label, 4 * capacity * strideOf(width), usage);

    const ids = memory.storage('ids', 4 * capacity);
    const residual = rows('residual', hiddenSize);
    const qkv = rows('qkv', 3 * heads * head);
    const mixed = rows('mixed', heads * head);
    const gated = rows('gated', intermediateSize);
    const dense = rows('dense', hiddenSize);
    // The narrowest tile leaves the most pieces.
    const pieces = Math.ceil(hiddenSize / Math.min(...Object.values(TILES).map(tileColumns)));
    const stats = memory.storage('stats', 8 * capacity * pieces);
    const shelfBytes = 4 * capacity * strideOf(hiddenSize);
    const hidden = memory.storage('hidden', shelves * shelfBytes, GPUBufferUsage.COPY_SRC);

    const tables = new Map<number, GPUBuffer>();
    for (const { ropeTheta } of config.layers) {
      if (tables.has(ropeTheta)) continue;
      const values = rotaryTable(capacity, headDim, ropeTheta);
      const table = memory.storage('turns', values.byteLength);
      this.#gpu.queue.writeBuffer(table, 0, values);
      tables.set(ropeTheta, table);
    }

    const steps: Step[] = [];
    const fixed = (
      name: string,
      kernel: Kernel,
      constants: Constants,
      buffers: Readonly<Record<number, Bindable>>,
    ): Step => ({
      kernel,
      name,
      bindGroup: this.#kernels.bindGroup(kernel, buffers),
      constants: () => constants,
      workgroups: (tokens) => [tokens],
    });
    const linear = (name: string, { matrix, bias }: Linear, options: LinearOptions): Step => ({
      kernel: matmul,
      name,
      bindGroup: this.#kernels.bindGroup(matmul, {
        0: this.#params,
        1: options.from,
        2: matrix.buffer,
        3: bias,
        4: options.normBefore ?? model.zeros,
        5: options.turns ?? model.zeros,
        6: stats,
        7: options.to,
      }),
      constants: (tile) =>
        matmulConstants({ ...options, matrix, tile, normEps: options.normBefore ? normEps : undefined }),
      workgroups: (tokens, tile) => matmulWorkgroups(tile, tokens, matrix.rows),
    });

    for (const part of model.embeddings) {
      const buffers = { 1: ids, 2: part.buffer, 3: model.embeddingNorm, 4: residual };
      steps.push(fixed('embed', embed, embedConstants(part, normEps, part.first), buffers));
    }
    config.layers.forEach((layerConfig, i) => {
      const layer = model.layers[i] as GpuModel['layers'][number];
      steps.push(
        linear('norm + qkv + rotary', layer.qkv, {
          from: residual,
          to: qkv,
          normBefore: layer.attnNorm,
          turns: tables.get(layerConfig.ropeTheta) as GPUBuffer,
          epilogue: Epilogue.Rotary,
          head,
          rotaryColumns: 2 * heads * head,
        }),
        {
          ...fixed('attention', attention, attentionConstants(config, layerConfig), {
            0: this.#params,
            1: qkv,
            2: mixed,
          }),
          workgroups: (tokens) => attentionWorkgroups(config, tokens),
        },
        linear('attention out + residual', layer.attnOut, { from: mixed, to: residual, epilogue: Epilogue.Residual }),
        linear('norm + gated gelu', layer.mlpIn, {
          from: residual,
          to: gated,
          normBefore: layer.mlpNorm,
          epilogue: Epilogue.Gate,
        }),
        linear('mlp out + residual', layer.mlpOut, { from: gated, to: residual, epilogue: Epilogue.Residual }),
      );
    });
    steps.push(
      linear('norm + head + gelu', model.dense, {
        from: residual,
        to: dense,
        normBefore: model.finalNorm,
        epilogue: Epilogue.Gelu,
      }),
    );
    const shelve = Array.from({ length: shelves }, (_, shelf) => {
      const target = { buffer: hidden, offset: shelf * shelfBytes, size: shelfBytes };
      return fixed('head norm', norm, normConstants(hiddenSize, normEps), { 1: dense, 3: model.headNorm, 4: target });
    });
    return { capacity, shelves, memory, ids, hidden, steps, shelve };
  }
}

type Bindable = GPUBuffer | GPUBufferBinding;

type LinearOptions = Omit<MatmulOptions, 'matrix' | 'tile' | 'normEps'> & {
  readonly from: GPUBuffer;
  readonly to: GPUBuffer;
  readonly normBefore?: GPUBuffer | undefined;
  readonly turns?: GPUBuffer;
};
