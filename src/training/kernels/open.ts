/** Packed weights of the engine as what a trainer opens: f32 exists of one matrix at a time, on the card. */
import { keep, type Tensor, type Tensor2D, tensor1d } from '@tensorflow/tfjs-core';
import nf4Source from '../../../shaders/nf4.wgsl?raw';
import openSource from '../../../shaders/train_open.wgsl?raw';
import rowsSource from '../../../shaders/train_open_rows.wgsl?raw';
import weightsSource from '../../../shaders/weights.wgsl?raw';
import type { PackedTensor, PackedWeights } from '../../checkpoint/card-weights.ts';
import type { Weights } from '../../checkpoint/model.ts';
import type { Arch } from '../../model/arch.ts';
import { type FrozenWeights, freezing, frozenWeights } from '../frozen.ts';
import type { Frozen } from '../parameters.ts';
import { allocate, type Kernel, run } from './run.ts';

const open: Kernel = { name: 'train open', sources: [weightsSource, nf4Source, openSource] };
const openRows: Kernel = { name: 'train open rows', sources: [weightsSource, nf4Source, rowsSource] };

/**
 * What does not learn of a network whose tables and matrices lie packed on the card; its vectors are read anew. Throws
 * what reading throws.
 */
export async function freezingPacked(
  arch: Arch,
  weights: Weights,
  { packed, bytes }: PackedWeights,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FrozenWeights> {
  const rest = new Map([...weights.tensors].filter(([name]) => !packed.has(name)));
  const vectors = await freezing(arch, { ...weights, tensors: rest }, { signal });
  const opened = frozenWeights(
    new Map([...packed].map(([name, each]) => [name, frozenOnCard(each, name !== 'embeddings' && name !== 'decoder')])),
  );
  return {
    get: (name) => opened.get(name) ?? vectors.get(name),
    bytes: bytes + vectors.bytes,
    dispose() {
      opened.dispose();
      vectors.dispose();
    },
  };
}

/** `turn`: of a matrix, which `Parameters` has as `[in, out]`. The buffers stay the engine's. */
function frozenOnCard({ shape, parts, stride, dtype, rowOrder, columnOrder }: PackedTensor, turn: boolean): Frozen {
  const [rows, columns] = shape;
  const constants = { DTYPE: dtype, K: stride };
  const orders = new Map<Int32Array, Tensor>();
  const orderOf = (order: Int32Array) => {
    const known = orders.get(order) ?? keep(tensor1d(order, 'int32'));
    orders.set(order, known);
    return known;
  };
  return {
    shape: turn ? [columns, rows] : [rows, columns],
    bytes: 0,
    open(from = 0, count = rows - from) {
      const y: Tensor2D = allocate(turn ? [columns, count] : [count, columns]);
      for (const { buffer, first, rows: packedRows } of parts) {
        // Rows that keep their order are the packed ones: only those that are wanted are opened.
        const [skip, end] = rowOrder
          ? [0, Math.ceil(packedRows / 4)]
          : [Math.floor(Math.max(0, from - first) / 4), Math.ceil(Math.min(packedRows, from + count - first) / 4)];
        if (end <= skip) continue;
        const across = Math.ceil((end - skip) / 16);
        const lines = Math.min(across, 32_768);
        // Where there is no order its binding is filled by something that is not read.
        const [byRow, byColumn] = [rowOrder, columnOrder].map((order) => (order ? orderOf(order) : buffer));
        run(open, {
          constants: {
            ...constants,
            ROW_ORDER: Number(rowOrder !== undefined),
            COLUMN_ORDER: Number(columnOrder !== undefined),
            TURNED: Number(turn),
          },
          params: [skip, end, first - from, count, columns],
          bindings: [y, buffer, byRow as GPUBuffer, byColumn as GPUBuffer],
          workgroups: [lines, Math.ceil(stride / 2 / 4), Math.ceil(across / lines)],
        });
      }
      return y;
    },
    rows(ids) {
      const y: Tensor2D = allocate([ids.length, columns]);
      const wanted = tensor1d(ids, 'int32');
      for (const { buffer, first, rows: packedRows } of parts) {
        run(openRows, {
          constants,
          params: [first, packedRows, ids.length, columns],
          bindings: [y, buffer, wanted],
          workgroups: [Math.ceil(stride / 2 / 64), ids.length],
        });
      }
      wanted.dispose();
      return y;
    },
    dispose() {
      for (const each of orders.values()) each.dispose();
    },
  };
}
