/** A network with an adapter taken into its weights, as PEFT's `merge_and_unload` does; tensors are merged when they are read. */
import type { Arch } from '../../model/arch.ts';
import { sizeOf } from '../../model/parameters.ts';
import { fromFloat32, toFloat32 } from '../half.ts';
import type { TensorInfo, Weights } from '../model.ts';
import type { Adapter } from './adapter.ts';

interface Network {
  readonly arch: Arch;
  readonly weights: Weights;
}

/**
 * Weights W + weight · Δ, in f32 where Δ changes them. A change of the table leaves a tied decoder as it was, since PEFT
 * does not tie what it adapts, so the copy has a decoder of its own then; at weight 0 the values are those of the base, to
 * the bit.
 */
export function mergeAdapter(
  { arch, weights }: Network,
  adapter: Pick<Adapter, 'lowRank' | 'replaced'>,
  weight = 1,
): Network {
  if (weight === 0) return { arch, weights };
  const changed = (parameter: string) =>
    adapter.lowRank.some(({ module }) => module.parameter === parameter) ||
    adapter.replaced.some((each) => each.parameter === parameter);
  const untied = arch.tied && (changed('embeddings') || changed('decoder'));
  const base = (name: string) => (untied && name === 'decoder' ? 'embeddings' : name);
  const info = (name: string) => weights.tensors.get(base(name)) as TensorInfo;
  const rowsOf = async (name: string, from: number, to: number, signal?: AbortSignal) => {
    if (weights.readRows) return weights.readRows(base(name), from, to, signal);
    const bytes = await weights.read(base(name), signal);
    const rowBytes = bytes.length / (info(name).shape[0] as number);
    return bytes.slice(from * rowBytes, to * rowBytes);
  };
  const readRows = async (name: string, from: number, to: number, signal?: AbortSignal) => {
    const bytes = await rowsOf(name, from, to, signal);
    if (!changed(name)) return bytes;
    const { dtype, shape } = info(name);
    const values = toFloat32(bytes, dtype);
    addChange(values, name, { from, to, columns: shape[1] ?? 1 }, adapter, weight);
    return fromFloat32(values, 'F32');
  };
  const read = async (name: string, signal?: AbortSignal) =>
    changed(name) ? readRows(name, 0, info(name).shape[0] as number, signal) : weights.read(base(name), signal);
  // What is changed is neither what its codes say nor what fewer bits could hold.
  const tensors = new Map(
    [...weights.tensors].map(([name, info]): [string, TensorInfo] => [name, changed(name) ? inF32(info) : info]),
  );
  let { parameters } = weights;
  if (untied) {
    const decoder = info('embeddings');
    tensors.set('decoder', changed('decoder') ? inF32(decoder) : decoder);
    parameters += sizeOf(decoder);
  }
  const readCoded =
    weights.readCoded &&
    ((...[name, ...rest]: Parameters<NonNullable<Weights['readCoded']>>) =>
      (weights.readCoded as NonNullable<Weights['readCoded']>)(base(name), ...rest));
  const merged: Weights = { tensors, parameters, read, readRows, ...(readCoded && { readCoded }) };
  return { arch: untied ? { ...arch, tied: false } : arch, weights: merged };
}

function inF32({ shape }: TensorInfo): TensorInfo {
  return { dtype: 'F32', shape, byteLength: 4 * sizeOf({ shape }) };
}

interface Rows {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
}

/** Adds weight · Δ to rows `[from, to)` of a parameter, which are in `values`: a low rank lies on top of what replaces its base. */
function addChange(
  values: Float32Array,
  name: string,
  { from, to, columns }: Rows,
  { lowRank, replaced }: Pick<Adapter, 'lowRank' | 'replaced'>,
  weight: number,
): void {
  for (const { parameter, first, values: own } of replaced) {
    if (parameter !== name) continue;
    const rows = own.length / columns;
    for (let row = Math.max(from, first); row < Math.min(to, first + rows); row++) {
      for (let c = 0; c < columns; c++) {
        const i = (row - from) * columns + c;
        const wanted = own[(row - first) * columns + c] as number;
        const old = values[i] as number;
        values[i] = weight === 1 ? wanted : old + weight * (wanted - old);
      }
    }
  }
  for (const { module, rank, scale, a, b } of lowRank) {
    if (module.parameter !== name) continue;
    const { first, rows } = module;
    for (let row = Math.max(from, first); row < Math.min(to, first + rows); row++) {
      const at = (row - from) * columns;
      for (let r = 0; r < rank; r++) {
        const factor = weight * scale * (b[(row - first) * rank + r] as number);
        if (factor === 0) continue;
        for (let c = 0; c < columns; c++)
          values[at + c] = (values[at + c] as number) + factor * (a[r * columns + c] as number);
      }
    }
  }
}
