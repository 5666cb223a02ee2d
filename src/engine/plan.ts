/**
 * The plan of a forward pass: its buffers for canvases of up to `capacity` tokens, and its steps in order. This is the
 * model as the card sees it, five dispatches a layer (arXiv 2412.13663 for the model; reference.ts says the same slowly).
 */
import type { Arch, LayerSpec, Norm, Rotary, Sees } from '../model/arch.ts';
import { visibleRuns } from '../model/sees.ts';
import type { Bound, Constants, Kernel, Kernels, Work, Workgroups } from './kernel.ts';
import {
  ATTENTIONS,
  type AttentionForm,
  attentionConstants,
  attentionWorkgroups,
  rotaryTable,
} from './kernels/attention.ts';
import { embed, embedConstants } from './kernels/embed.ts';
import {
  Epilogue,
  MATMULS,
  type MatmulOptions,
  matmulConstants,
  matmulWorkgroups,
  outputColumns,
  TILES,
  tileColumns,
} from './kernels/matmul.ts';
import { norm, normConstants } from './kernels/norm.ts';
import type { Memory } from './memory.ts';
import { paddedHead, strideOf } from './pack.ts';
import { pieceOf, type Role, type Tiles } from './tiles.ts';
import type { GpuModel, Layer, Linear, TokenPart } from './upload.ts';

/** A dispatch before its tile and length are known. */
export interface Step {
  readonly name: string;
  /** Of products. */
  readonly role?: Role;
  readonly bindGroup: GPUBindGroup;
  kernel(tiles: Tiles): Kernel;
  constants(tiles: Tiles): Constants;
  workgroups(tokens: number, tiles: Tiles): Workgroups;
  work?(tokens: number): Work;
}

export interface Plan {
  readonly capacity: number;
  /** Canvases whose hidden rows fit in `hidden`. */
  readonly shelves: number;
  /** Queries, keys and values of every position: of the last layer that ran, or one buffer per layer. */
  readonly heads: readonly GPUBuffer[];
  /** Two, so that both canvases of a guided step can be loaded before either runs. */
  readonly ids: readonly [GPUBuffer, GPUBuffer];
  /** `[shelves × capacity, strideOf(hiddenSize)]`: what the decoder reads. */
  readonly hidden: GPUBuffer;
  /** The first steps, for each of `ids`. */
  readonly embed: readonly [readonly Step[], readonly Step[]];
  readonly steps: readonly Step[];
  /** The last step, for each shelf. */
  readonly shelve: readonly Step[];
}

export interface PlanOptions {
  readonly gpu: GPUDevice;
  readonly kernels: Kernels;
  readonly memory: Memory;
  readonly arch: Arch;
  readonly model: GpuModel;
  /** Uniform block: the number of rows, the position of the first, the number of positions behind the last. */
  readonly params: GPUBuffer;
  readonly capacity: number;
  readonly shelves: number;
  /** A buffer of queries, keys and values for each layer, so that passes over some rows can use those of the others. */
  readonly keep: boolean;
  readonly attention: AttentionForm;
}

export function planForward(options: PlanOptions): Plan {
  const { gpu, kernels, memory, arch, model, params, capacity, shelves, keep, attention: form } = options;
  const { width: hiddenSize, layers } = arch;
  const {
    attention: { heads, headDim },
    mlp: { width: intermediateSize },
  } = layers[0] as LayerSpec;
  const normEps = epsOf(arch);
  const head = paddedHead(headDim);
  const shelfBytes = 4 * capacity * strideOf(hiddenSize);
  const rows = (label: string, width: number, usage = 0) =>
    memory.storage(label, 4 * capacity * strideOf(width), usage);

  const ids = [memory.storage('ids', 4 * capacity), memory.storage('other ids', 4 * capacity)] as const;
  const residual = rows('residual', hiddenSize);
  const buffers = Array.from({ length: keep ? arch.layers.length : 1 }, () =>
    rows('qkv', 3 * heads * head, GPUBufferUsage.COPY_SRC),
  );
  const qkvOf = (layer: number) => buffers[keep ? layer : 0] as GPUBuffer;
  const mixed = rows('mixed', heads * head);
  const gated = rows('gated', intermediateSize);
  const dense = rows('dense', hiddenSize);
  // Moments of pieces of residual rows; the narrowest tile leaves the most pieces.
  const pieces = Math.ceil(hiddenSize / Math.min(...Object.values(TILES).map(tileColumns)));
  const stats = memory.storage('stats', 8 * capacity * pieces);
  const hidden = memory.storage('hidden', shelves * shelfBytes, GPUBufferUsage.COPY_SRC);
  const turns = rotaryTables(gpu, memory, arch, capacity);

  function linear(name: string, role: Role, { matrix, bias }: Linear, how: LinearOptions): Step {
    const options = (tiles: Tiles): MatmulOptions => {
      return { ...how, matrix, tile: tiles[role], normEps: how.normBefore && normEps, piece: pieceOf(role, tiles) };
    };
    const normBefore = how.normBefore ?? model.zeros;
    const table = how.turns ?? model.zeros;
    const bound = { 0: params, 1: how.from, 2: matrix.buffer, 3: bias, 4: normBefore, 5: table, 6: stats, 7: how.to };
    return {
      name,
      role,
      kernel: (tiles) => MATMULS[tiles[role].form],
      bindGroup: kernels.bindGroup(MATMULS.staged, bound),
      constants: (tiles) => matmulConstants(options(tiles)),
      workgroups: (tokens, tiles) => matmulWorkgroups(tiles[role], tokens, matrix.rows),
      work: (tokens) => ({
        flops: 2 * tokens * matrix.rows * matrix.columns,
        bytes: matrix.buffer.size + 4 * tokens * (matrix.columns + outputColumns({ ...how, matrix })),
      }),
    };
  }

  function embedStep(part: TokenPart, from: GPUBuffer): Step {
    return {
      name: 'embed',
      kernel: () => embed,
      bindGroup: kernels.bindGroup(embed, { 1: from, 2: part.buffer, 3: model.embeddingNorm, 4: residual }),
      constants: () => embedConstants(part, normEps, part.first),
      workgroups: (tokens) => [tokens],
    };
  }

  function attentionStep({ attention }: LayerSpec, qkv: GPUBuffer): Step {
    return {
      name: 'attention',
      kernel: () => ATTENTIONS[form],
      bindGroup: kernels.bindGroup(ATTENTIONS[form], { 0: params, 1: qkv, 2: mixed }),
      constants: () => attentionConstants(form, attention, attention.sees),
      workgroups: (tokens) => attentionWorkgroups(form, attention, tokens),
      work: (tokens) => ({
        flops: 4 * pairs(tokens, attention.sees) * heads * headDim,
        bytes: 4 * tokens * heads * headDim * 4,
      }),
    };
  }

  function layerSteps(layer: LayerSpec, index: number): Step[] {
    const { attnNorm, qkv: toHeads, attnOut, mlpNorm, mlpIn, mlpOut } = model.layers[index] as Layer;
    const qkv = qkvOf(index);
    const rotary = { head, rotaryColumns: 2 * heads * head, turns: turns.get(keyOf(layer)) as GPUBuffer };
    const { Rotary, Residual, Gate } = Epilogue;
    return [
      linear('norm + qkv + rotary', 'qkv', toHeads, {
        from: residual,
        to: qkv,
        normBefore: attnNorm,
        epilogue: Rotary,
        ...rotary,
      }),
      attentionStep(layer, qkv),
      linear('attention out + residual', 'attnOut', attnOut, { from: mixed, to: residual, epilogue: Residual }),
      linear('norm + gated gelu', 'mlpIn', mlpIn, { from: residual, to: gated, normBefore: mlpNorm, epilogue: Gate }),
      linear('mlp out + residual', 'mlpOut', mlpOut, { from: gated, to: residual, epilogue: Residual }),
    ];
  }

  function shelveStep(shelf: number): Step {
    const target = { buffer: hidden, offset: shelf * shelfBytes, size: shelfBytes };
    return {
      name: 'head norm',
      kernel: () => norm,
      bindGroup: kernels.bindGroup(norm, { 1: dense, 3: model.headNorm, 4: target }),
      constants: () => normConstants(hiddenSize, normEps),
      workgroups: (tokens) => [tokens],
    };
  }

  const denseOptions = { from: residual, to: dense, normBefore: model.finalNorm, epilogue: Epilogue.Gelu };
  return {
    capacity,
    shelves,
    heads: buffers,
    ids,
    hidden,
    embed: [
      model.embeddings.map((part) => embedStep(part, ids[0])),
      model.embeddings.map((part) => embedStep(part, ids[1])),
    ],
    steps: [
      ...arch.layers.flatMap((layer, i) => layerSteps(layer, i)),
      linear('norm + head + gelu', 'dense', model.dense, denseOptions),
    ],
    shelve: Array.from({ length: shelves }, (_, shelf) => shelveStep(shelf)),
  };
}

type LinearOptions = Omit<MatmulOptions, 'matrix' | 'tile' | 'normEps' | 'piece'> & {
  readonly from: Bound;
  readonly to: Bound;
  readonly normBefore?: GPUBuffer | undefined;
  readonly turns?: GPUBuffer;
};

/** How many keys all queries see together. */
function pairs(tokens: number, sees: Sees): number {
  let sum = 0;
  for (let i = 0; i < tokens; i++) for (const [from, to] of visibleRuns(sees, i, tokens)) sum += to - from;
  return sum;
}

/** Cosines and sines of every position, for each kind of rotation of the model. */
function rotaryTables(gpu: GPUDevice, memory: Memory, { layers }: Arch, positions: number) {
  const tables = new Map<string, GPUBuffer>();
  for (const layer of layers) {
    if (tables.has(keyOf(layer))) continue;
    const values = rotaryTable(positions, layer.attention.headDim, layer.attention.rotary as Rotary);
    const table = memory.storage('turns', values.byteLength);
    gpu.queue.writeBuffer(table, 0, values);
    tables.set(keyOf(layer), table);
  }
  return tables;
}

/** What tells rotations apart. */
function keyOf({ attention: { headDim, rotary } }: LayerSpec): string {
  return JSON.stringify([headDim, rotary]);
}

/** All norms of a ModernBERT have the same. */
export function epsOf({ finalNorm }: Pick<Arch, 'finalNorm'>): number {
  return (finalNorm as Norm).eps;
}
