/**
 * What a run will take of memory, told before it begins: from the network's description, the settings and nothing else. The
 * weights are counted; what a step keeps on its way is estimated, as the kernels of `kernels/` keep it.
 */
import type { TensorInfo } from '../checkpoint/model.ts';
import { fewBitsOf, type Precision, precisionOf } from '../checkpoint/precision.ts';
import { type Arch, qkvRows } from '../model/arch.ts';
import { parameters, sizeOf } from '../model/parameters.ts';

/** Bytes. */
export interface RunMemory {
  /** Of the weights that do not learn. */
  readonly base: number;
  /** Of those that do, with their gradients and moments. */
  readonly learning: number;
  /** Of a step: activations, and what is opened of the base. */
  readonly work: number;
}

/** `learns`: numbers of an adapter beside weights in `precision`; without it the whole network learns. */
export function memoryOf(
  arch: Arch,
  stored: ReadonlyMap<string, Pick<TensorInfo, 'dtype'>>,
  { batch, length }: { readonly batch: number; readonly length: number },
  adapter?: { readonly learns: number; readonly precision: Precision },
): RunMemory {
  const all = parameters(arch);
  const whole = all.reduce((sum, each) => sum + sizeOf(each), 0);
  const base = adapter
    ? all.reduce((sum, each) => sum + sizeOf(each) * bytesOf(each, stored, adapter.precision), 0)
    : 0;
  // A tensor, its place among those of the optimiser, both gradients, both moments.
  const learning = 6 * 4 * (adapter?.learns ?? whole);
  const rows = batch * length;
  const perRow = arch.layers.reduce((sum, { attention, mlp }) => {
    const inner = mlp.form === 'gated' ? 2 * mlp.width : mlp.width;
    const products = qkvRows(attention) + inner + 2 * arch.width;
    // What each part keeps for the way back; low ranks keep their product and their sum as well.
    const kept = 6 * arch.width + attention.heads * attention.headDim + 2 * qkvRows(attention) + inner + mlp.width;
    return sum + kept + (adapter ? 2 * products : 0);
  }, 0);
  const largest = Math.max(...all.filter(({ kind }) => kind === 'matrix').map(sizeOf));
  // The table is opened whole for the loss, there and back, and matrices one by one; what was freed in between stays kept.
  const opened = adapter ? 3 * arch.vocab * arch.width + 2 * largest : 0;
  return { base, learning, work: 4 * (rows * perRow + opened) + SCRATCH };
}

/** Gradients of logits that exist at once. */
const SCRATCH = 2 ** 24;

function bytesOf(
  { name, kind }: { readonly name: string; readonly kind: string },
  stored: ReadonlyMap<string, Pick<TensorInfo, 'dtype'>>,
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
