/**
 * What a run will take of memory, told before it begins: from the network's description, the settings and nothing else. The
 * weights are counted; what a step keeps on its way is estimated, as the kernels of `kernels/` keep it.
 */
import type { TensorInfo } from '../checkpoint/model.ts';
import { fewBitsOf, type Precision, precisionOf } from '../checkpoint/precision.ts';
import { type Arch, qkvRows } from '../model/arch.ts';
import { parameters, sizeOf } from '../model/parameters.ts';
import { blocksOf, type Fit, smallerFit } from './fit.ts';
import type { LayerBlock } from './network.ts';

/** Bytes. */
export interface RunMemory {
  /** Of the weights that do not learn. */
  readonly base: number;
  /** Of those that do, with their gradients and moments. */
  readonly learning: number;
  /** Of a step: activations, and what is opened of the base. */
  readonly work: number;
}

/** tfjs keeps buffers that it has freed, for every size the most that there ever were: measured at base (memory.test.ts). */
const KEPT_AS_WELL = 1.75;

interface Stepped {
  /** Rows and blocks of layers that exist at once; see `Fit`. */
  readonly rows: number;
  readonly blocks: number;
  readonly length: number;
}

interface Beside {
  /** Numbers of an adapter that learn. */
  readonly learns: number;
  /** Of the weights beside it. */
  readonly precision: Precision;
}

type Stored = ReadonlyMap<string, Pick<TensorInfo, 'dtype'>>;

/** Without an adapter the whole network learns. */
export function memoryOf(arch: Arch, stored: Stored, { rows, blocks, length }: Stepped, adapter?: Beside): RunMemory {
  const all = parameters(arch);
  const whole = all.reduce((sum, each) => sum + sizeOf(each), 0);
  const base = adapter
    ? all.reduce((sum, each) => sum + sizeOf(each) * bytesOf(each, stored, adapter.precision), 0)
    : 0;
  // A tensor, its place among those of the optimiser, both gradients, both moments.
  const learning = 6 * 4 * (adapter?.learns ?? whole);
  const perLayer = arch.layers.map(({ attention, mlp }) => {
    const inner = mlp.form === 'gated' ? 2 * mlp.width : mlp.width;
    const products = qkvRows(attention) + inner + 2 * arch.width;
    // What each part keeps for the way back; low ranks keep their product and their sum as well.
    const kept = 6 * arch.width + attention.heads * attention.headDim + 2 * qkvRows(attention) + inner + mlp.width;
    return kept + (adapter ? 2 * products : 0);
  });
  const sumOf = ({ from, to }: LayerBlock) => perLayer.slice(from, to).reduce((sum, each) => sum + each, 0);
  const cut = blocksOf(arch.layers.length, blocks);
  // One block's activations at a time, and the stream before each.
  const perRow = Math.max(0, ...cut.map(sumOf)) + (cut.length - 1) * arch.width;
  const largest = Math.max(0, ...all.filter(({ kind }) => kind === 'matrix').map(sizeOf));
  // Matrices are opened one by one, the decoder in parts, there and back; what was freed in between stays kept.
  const opened = adapter ? 2 * largest + Math.min(arch.vocab * arch.width, SCRATCH) : 0;
  const logits = Math.min(SCRATCH, rows * length * arch.vocab);
  return { base, learning, work: 4 * (KEPT_AS_WELL * rows * length * perRow + opened + logits) };
}

/** Numbers of the gradient by logits that exist at once. */
const SCRATCH = 2 ** 22;

/** The memory of a step that has to be kept to, in bytes; what the card itself says is not known before. */
export interface Room {
  readonly bytes: number;
  /** Of a single tensor. */
  readonly largest: number;
}

/** WebAssembly addresses four gigabytes, of which tfjs's heap has two. */
export const ROOM_OF_PROCESSOR: Room = { bytes: 2 ** 31, largest: 2 ** 30 };

/**
 * The cheapest way to cut up the steps of a run so that it stays within `room`: all at once, else in blocks of layers, else
 * fewer rows. The smallest there is when none does.
 */
export function fitFor(
  arch: Arch,
  stored: Stored,
  { rows, length }: Pick<Stepped, 'rows' | 'length'>,
  room: Room,
  adapter?: Beside,
): Fit {
  const widest = Math.max(
    arch.width,
    ...arch.layers.map(({ attention, mlp }) => Math.max(qkvRows(attention), 2 * mlp.width)),
  );
  let fit: Fit = { rows, blocks: 1 };
  for (;;) {
    const { base, learning, work } = memoryOf(arch, stored, { ...fit, length }, adapter);
    const within = base + learning + work <= room.bytes && 4 * fit.rows * length * widest <= room.largest;
    const smaller = within ? undefined : smallerFit(fit, arch.layers.length);
    if (smaller === undefined) return fit;
    fit = smaller;
  }
}

function bytesOf(
  { name, kind }: { readonly name: string; readonly kind: string },
  stored: Stored,
  precision: Precision,
): number {
  if (kind !== 'matrix' && name !== 'embeddings' && name !== 'decoder') return 4;
  const wanted = precisionOf(name, { precision });
  const bits = fewBitsOf(wanted);
  // Scales: two bytes for 32 values, or four for 64.
  if (bits === 'int4' || bits === 'nf4') return 0.5 + 1 / 16;
  if (bits === 'int8') return 1;
  return wanted === 'f16' || stored.get(name)?.dtype !== 'F32' ? 2 : 4;
}
