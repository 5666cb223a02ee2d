/**
 * The plan of a forward pass: its buffers for passes of up to `capacity` rows, and its steps in order. This is the network
 * as the card sees it: five dispatches a layer, six where queries and keys have norms of their own (reference.ts says the
 * same slowly). Norms cost none: a norm is applied by the product that reads the residual stream, or, where it stands
 * behind the sum (post-norm), also by the next sum.
 */
import { type Arch, type AttentionSpec, type LayerSpec, type Norm, qkvRows } from '../model/arch.ts';
import { visibleRuns } from '../model/sees.ts';
import type { Bound, Constants, Kernel, Kernels, Work, Workgroups } from './kernel.ts';
import { ATTENTIONS, type AttentionForm, attentionConstants, attentionWorkgroups } from './kernels/attention.ts';
import { embed, embedConstants } from './kernels/embed.ts';
import { headNorm, headNormConstants, headNormWorkgroups, qkvStride, rotaryTable } from './kernels/heads.ts';
import {
  Epilogue,
  MATMULS,
  type MatmulOptions,
  matmulConstants,
  matmulWorkgroups,
  outputColumns,
  PIECE,
  type StatsNorm,
} from './kernels/matmul.ts';
import { norm, normConstants } from './kernels/norm.ts';
import { ROW_BYTES, SPAN_BYTES, type Span } from './kernels/rows.ts';
import { lowLayout } from './low-layout.ts';
import type { Memory } from './memory.ts';
import { paddedHead, strideOf } from './pack.ts';
import type { Role, Tiles } from './tiles.ts';
import type { GpuModel, Layer, Linear, TokenPart } from './upload.ts';

/** What a pass runs: so many rows in all, of these sequences. */
export interface Load {
  readonly rows: number;
  readonly spans: readonly Span[];
}

/** A dispatch before its tile and load are known. */
export interface Step {
  readonly name: string;
  /** Of products. */
  readonly role?: Role;
  readonly bindGroup: GPUBindGroup;
  kernel(tiles: Tiles): Kernel;
  constants(tiles: Tiles): Constants;
  workgroups(load: Load, tiles: Tiles): Workgroups;
  work?(load: Load): Work;
}

export interface PlanSizes {
  /** Rows of a pass. */
  readonly capacity: number;
  /** Rows of `hidden`. */
  readonly hiddenRows: number;
  /** Rows of queries, keys and values in each layer. */
  readonly places: number;
  /** Positions that rotary tables reach. */
  readonly positions: number;
  /** A buffer of queries, keys and values for each layer, so that passes over some rows can use those of the others. */
  readonly keep: boolean;
}

export interface Plan extends PlanSizes {
  /** Queries, keys and values: of the last layer that ran, or one buffer per layer. */
  readonly heads: readonly GPUBuffer[];
  /** Tables of the rows and of the sequences of a pass (shaders/rows.wgsl, shaders/attention.wgsl). */
  readonly rows: GPUBuffer;
  readonly spans: GPUBuffer;
  /** `[hiddenRows, strideOf(width)]`: what the decoder reads. */
  readonly hidden: GPUBuffer;
  readonly steps: readonly Step[];
  /** Where the weight of an adapter stands, once for each product it changes. */
  readonly weighed: readonly WeightPlace[];
}

/** In bytes. */
export interface WeightPlace {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

export interface PlanOptions {
  readonly gpu: GPUDevice;
  readonly kernels: Kernels;
  readonly memory: Memory;
  readonly arch: Arch;
  readonly model: GpuModel;
  /** Uniform block: the number of rows. */
  readonly params: GPUBuffer;
  readonly sizes: PlanSizes;
  readonly attention: AttentionForm;
}

/** A norm that waits to be applied to the residual stream by whoever reads it, and its weights. */
interface Pending extends StatsNorm {
  readonly weights: GPUBuffer;
}

export function planForward(options: PlanOptions): Plan {
  const { gpu, kernels, memory, arch, model, params, sizes, attention: form } = options;
  const { capacity, hiddenRows, places, keep } = sizes;
  const { width, layers } = arch;
  const first = layers[0];
  const activation = (label: string, columns: number) => memory.storage(label, 4 * capacity * strideOf(columns));
  const widest = (columns: (layer: LayerSpec) => number) => Math.max(...layers.map(columns));
  const mixedColumns = ({ attention: { heads, headDim } }: LayerSpec) => heads * paddedHead(headDim);

  const rows = memory.storage('rows', ROW_BYTES * capacity);
  const spans = memory.storage('spans', SPAN_BYTES * capacity);
  const residual = activation('residual', width);
  const qkvBytes = 4 * places * widest((layer) => qkvStride(layer.attention));
  const buffers = Array.from({ length: keep ? layers.length : 1 }, () =>
    memory.storage('qkv', qkvBytes, GPUBufferUsage.COPY_SRC),
  );
  const mixed = activation('mixed', widest(mixedColumns));
  const inner = activation(
    'inner',
    widest(({ mlp }) => mlp.width),
  );
  const dense = model.dense && activation('dense', width);
  // Moments of pieces of residual rows, two of each where a norm stands behind the sum.
  const stats = memory.storage('stats', 16 * capacity * Math.ceil(width / PIECE));
  const hidden = memory.storage('hidden', 4 * hiddenRows * strideOf(width), GPUBufferUsage.COPY_SRC);
  const turns = rotaryTables(gpu, memory, arch, sizes.positions);
  const turnsOf = ({ rotary, headDim }: AttentionSpec) =>
    rotary ? (turns.get(rotaryKey(rotary, headDim)) as GPUBuffer) : model.zeros;

  /** A product, after the one that an adapter needs before it. */
  function linear(name: string, role: Role, product: Linear, how: LinearOptions): Step[] {
    const { low } = product;
    if (low === undefined) return [productStep(name, role, product, how)];
    const layout = lowLayout(product.matrix.rows, low.rank, capacity);
    const buffer = memory.storage('low rank', 4 * layout.size);
    gpu.queue.writeBuffer(buffer, 4 * layout.b, low.b);
    if (product.bias !== model.zeros) copies.push([product.bias, buffer]);
    weighed.push({ buffer, offset: 4 * layout.weight });
    const t = { buffer, offset: 4 * layout.t };
    const { from, normBefore } = how;
    const before = { matrix: low.a, bias: model.zeros };
    return [
      productStep(`${name} (adapter)`, role, before, { from, to: t, normBefore, epilogue: Epilogue.Store }),
      productStep(name, role, { matrix: product.matrix, bias: buffer }, { ...how, low: { rank: low.rank, layout } }),
    ];
  }

  function productStep(name: string, role: Role, { matrix, bias }: Linear, how: LinearOptions): Step {
    const { from, to, table = model.zeros, ...rest } = how;
    const options = (tiles: Tiles): MatmulOptions => ({ ...rest, matrix, tile: tiles[role] });
    const weights = (how.normBefore ?? how.normOld)?.weights ?? model.zeros;
    const bound = { 0: params, 1: from, 2: matrix.buffer, 3: bias, 4: weights, 5: table, 6: stats, 7: to, 8: rows };
    return {
      name,
      role,
      kernel: (tiles) => MATMULS[tiles[role].form],
      bindGroup: kernels.bindGroup(MATMULS.staged, bound),
      constants: (tiles) => matmulConstants(options(tiles)),
      workgroups: (load, tiles) => matmulWorkgroups(tiles[role], load.rows, matrix.rows),
      work: (load) => ({
        flops: 2 * load.rows * matrix.rows * matrix.columns,
        bytes: matrix.buffer.size + 4 * load.rows * (matrix.columns + outputColumns({ ...how, matrix })),
      }),
    };
  }

  function embedStep(table: TokenPart): Step {
    const { zeros, positions = zeros, tokenTypes = zeros, embeddingNorm = zeros } = model;
    const bound = { 1: rows, 2: table.buffer, 3: embeddingNorm, 4: residual, 5: positions, 6: tokenTypes, 7: stats };
    return {
      name: 'embed',
      kernel: () => embed,
      bindGroup: kernels.bindGroup(embed, bound),
      constants: () =>
        embedConstants({
          table,
          first: table.first,
          norm: arch.embeddingNorm,
          positionOffset: arch.positions?.offset,
          tokenTypes: arch.tokenTypes !== undefined,
          // The first layer norms the stream, unless there is none or the embeddings were normed.
          stats: first === undefined || (first.order === 'pre' && first.attention.norm !== undefined),
        }),
      workgroups: (load) => [load.rows],
    };
  }

  function headNormStep(spec: AttentionSpec, weights: GPUBuffer, qkv: GPUBuffer): Step {
    return {
      name: 'head norm + rotary',
      kernel: () => headNorm,
      bindGroup: kernels.bindGroup(headNorm, { 0: params, 1: rows, 2: weights, 3: turnsOf(spec), 4: qkv }),
      constants: () => headNormConstants(spec, (spec.queryKeyNorm as Norm).eps),
      workgroups: (load) => headNormWorkgroups(spec, load.rows),
    };
  }

  function attentionStep(spec: AttentionSpec, qkv: GPUBuffer): Step {
    const { heads, headDim } = spec;
    return {
      name: 'attention',
      kernel: () => ATTENTIONS[form],
      bindGroup: kernels.bindGroup(ATTENTIONS[form], { 0: spans, 1: qkv, 2: mixed }),
      constants: () => attentionConstants(form, spec),
      workgroups: (load) =>
        attentionWorkgroups(form, spec, Math.max(...load.spans.map((span) => span.rows)), load.spans.length),
      work: (load) => ({
        flops: 4 * pairs(load, spec) * heads * headDim,
        bytes: 4 * load.rows * (qkvRows(spec) + heads * headDim),
      }),
    };
  }

  /** Biases that go to the front of the buffers of low ranks. */
  const copies: (readonly [GPUBuffer, GPUBuffer])[] = [];
  const weighed: WeightPlace[] = [];
  let half: 0 | 1 = 0; // of `stats`: where the moments of the stream stand
  let pending: Pending | undefined;
  const stream = (spec: Norm, weights: GPUBuffer | undefined): Pending => ({
    ...spec,
    half,
    weights: weights as GPUBuffer,
  });
  /** A product that is added to the stream. Post-norm, the norm that waits is applied to the old stream. */
  function addTo(name: string, role: Role, product: Linear, from: Bound): Step[] {
    const normOld = pending;
    if (normOld) half = half === 0 ? 1 : 0;
    pending = undefined;
    return linear(name, role, product, { from, to: residual, epilogue: Epilogue.Residual, normOld, statsHalf: half });
  }

  function layerSteps({ order, attention, mlp }: LayerSpec, index: number): Step[] {
    const parts = model.layers[index] as Layer;
    const pre = order === 'pre';
    const qkv = buffers[keep ? index : 0] as GPUBuffer;
    const head = paddedHead(attention.headDim);
    const turned = attention.rotary !== undefined && attention.queryKeyNorm === undefined;
    const steps = [
      ...linear('norm + qkv', 'qkv', parts.qkv, {
        from: residual,
        to: qkv,
        normBefore: pre && attention.norm ? stream(attention.norm, parts.attnNorm) : pending,
        placed: true,
        epilogue: turned ? Epilogue.Rotary : Epilogue.Store,
        head,
        rotaryColumns: (attention.heads + attention.kvHeads) * head,
        table: turnsOf(attention),
      }),
    ];
    if (attention.queryKeyNorm) steps.push(headNormStep(attention, parts.headNorm as GPUBuffer, qkv));
    steps.push(attentionStep(attention, qkv), ...addTo('attention out + residual', 'attnOut', parts.attnOut, mixed));
    if (!pre && attention.norm) pending = stream(attention.norm, parts.attnNorm);
    steps.push(
      ...linear('norm + mlp in', 'mlpIn', parts.mlpIn, {
        from: residual,
        to: inner,
        normBefore: pre && mlp.norm ? stream(mlp.norm, parts.mlpNorm) : pending,
        epilogue: mlp.form === 'gated' ? Epilogue.Gate : Epilogue.Activate,
        activation: mlp.activation,
      }),
      ...addTo('mlp out + residual', 'mlpOut', parts.mlpOut, inner),
    );
    if (!pre && mlp.norm) pending = stream(mlp.norm, parts.mlpNorm);
    return steps;
  }

  function lastStep(
    from: GPUBuffer,
    spec: Pick<Norm, 'kind' | 'eps'> | undefined,
    weights: GPUBuffer | undefined,
  ): Step {
    return {
      name: 'last norm',
      kernel: () => norm,
      bindGroup: kernels.bindGroup(norm, { 1: from, 3: weights ?? model.zeros, 4: hidden, 5: rows }),
      constants: () => normConstants(width, spec),
      workgroups: (load) => [load.rows],
    };
  }

  const steps = [...model.embeddings.map(embedStep), ...layers.flatMap((layer, i) => layerSteps(layer, i))];
  if (arch.finalNorm) pending = stream(arch.finalNorm, model.finalNorm);
  const { dense: headDense } = arch.head;
  if (headDense && dense) {
    steps.push(
      ...linear('norm + head', 'dense', model.dense as Linear, {
        from: residual,
        to: dense,
        normBefore: pending,
        epilogue: Epilogue.Activate,
        activation: headDense.activation,
      }),
      lastStep(dense, headDense.norm, model.headNorm),
    );
  } else {
    steps.push(lastStep(residual, pending, pending?.weights));
  }
  if (copies.length > 0) {
    const encoder = gpu.createCommandEncoder();
    for (const [bias, low] of copies) encoder.copyBufferToBuffer(bias, 0, low, 0, bias.size);
    gpu.queue.submit([encoder.finish()]);
  }
  return { ...sizes, heads: buffers, rows, spans, hidden, steps, weighed };
}

type LinearOptions = Omit<MatmulOptions, 'matrix' | 'tile' | 'normBefore' | 'normOld'> & {
  readonly from: Bound;
  readonly to: Bound;
  readonly normBefore?: Pending | undefined;
  readonly normOld?: Pending | undefined;
  /** Of rotary turns. */
  readonly table?: GPUBuffer;
};

/** How many keys all queries see together. */
function pairs({ spans }: Load, spec: AttentionSpec): number {
  let sum = 0;
  for (const { first, rows, positions, sees = spec.sees } of spans) {
    for (let row = first; row < first + rows; row++) {
      for (const [from, to] of visibleRuns(sees, row, positions)) sum += to - from;
    }
  }
  return sum;
}

function rotaryKey(rotary: NonNullable<AttentionSpec['rotary']>, headDim: number): string {
  return JSON.stringify([rotary, headDim]);
}

/** Cosines and sines of every position, for each kind of rotary turn in the network. */
function rotaryTables(gpu: GPUDevice, memory: Memory, { layers }: Arch, positions: number): Map<string, GPUBuffer> {
  const tables = new Map<string, GPUBuffer>();
  for (const { attention } of layers) {
    const { rotary, headDim } = attention;
    if (rotary === undefined || tables.has(rotaryKey(rotary, headDim))) continue;
    const values = rotaryTable(positions, { rotary, headDim });
    const table = memory.storage('turns', values.byteLength);
    gpu.queue.writeBuffer(table, 0, values);
    tables.set(rotaryKey(rotary, headDim), table);
  }
  return tables;
}
