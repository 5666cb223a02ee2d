/** Logits of a whole canvas by tfjs, as a network itself gives them: what other implementations are compared with. */
import { tidy, transpose } from '@tensorflow/tfjs-core';
import type { LowRank } from '../checkpoint/adapter/adapter.ts';
import type { Model } from '../checkpoint/model.ts';
import { Geometry } from './geometry.ts';
import { disposeLowRanks, lowRankTensors, withLowRanks } from './low-rank-tensors.ts';
import { decode, encode } from './network.ts';
import { disposeParameters, loadParameters } from './parameters.ts';

/** `[rows, V]` at a time, all `ids.length` of them in order, on the current backend of tfjs. */
export async function* plainLogits(
  { arch, weights }: Pick<Model, 'arch' | 'weights'>,
  ids: Int32Array,
  rows: number,
  adapter?: { readonly lowRank: readonly LowRank[]; readonly weight: number },
): AsyncGenerator<Float32Array, void> {
  const tensors = await loadParameters(arch, weights);
  const low = lowRankTensors(adapter?.lowRank ?? []);
  const parameters = withLowRanks(
    tensors,
    () => low,
    () => adapter?.weight ?? 1,
  );
  const geometry = new Geometry(ids.length);
  const hidden = encode(arch, parameters, geometry, ids);
  try {
    for (let from = 0; from < ids.length; from += rows) {
      const some = Int32Array.from({ length: Math.min(rows, ids.length - from) }, (_, i) => from + i);
      const logits = tidy(() => transpose(decode(arch, parameters, hidden, some)));
      yield (await logits.data()) as Float32Array;
      logits.dispose();
    }
  } finally {
    hidden.dispose();
    geometry.dispose();
    disposeLowRanks(low);
    disposeParameters(tensors);
  }
}
