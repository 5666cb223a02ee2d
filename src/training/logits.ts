/** Logits of a whole canvas by tfjs, as a network itself gives them: what other implementations are compared with. */
import { tidy, transpose } from '@tensorflow/tfjs-core';
import type { Model } from '../checkpoint/model.ts';
import { Geometry } from './geometry.ts';
import { decode, encode } from './network.ts';
import { disposeParameters, loadParameters } from './parameters.ts';

/** `[rows, V]` at a time, all `ids.length` of them in order, on the current backend of tfjs. */
export async function* plainLogits(
  { arch, weights }: Pick<Model, 'arch' | 'weights'>,
  ids: Int32Array,
  rows: number,
): AsyncGenerator<Float32Array, void> {
  const parameters = await loadParameters(arch, weights);
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
    disposeParameters(parameters);
  }
}
