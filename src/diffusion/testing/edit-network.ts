/** A network that edits: a hash of the whole text says how often each edit happens in a slot, and with which token. */
import type { EditRates, Network } from '../network.ts';
import { hashNetwork } from './arbitrary.ts';
import type { TableRequest } from './table-network.ts';

export interface EditNetwork extends Network {
  /** Every text whose edits were asked so far. */
  readonly edited: TableRequest[];
}

/** `gain`: expected edits of each kind per slot and unit of time, at most. */
export function editNetwork(salt: number, gain = 1): EditNetwork {
  const [set, insert] = [hashNetwork(salt), hashNetwork(salt + 1000)];
  const edited: TableRequest[] = [];
  const rates = (ids: Int32Array, kind: number) =>
    Float32Array.from(ids, (id, slot) => {
      let hash = (salt * 2654435761 + slot * 40503 + kind * 97) | 0;
      for (const each of [...ids, id]) hash = Math.imul(hash ^ each, 0x01000193) ^ (hash >>> 13);
      return ((Math.imul(hash, 0x85ebca6b) >>> 0) / 2 ** 32) * gain;
    });
  return {
    ...set,
    info: { ...set.info, edits: true },
    edited,
    async edits(batch, options) {
      const [one, other] = await Promise.all([set.predict(batch, options), insert.predict(batch, options)]);
      return batch.map((sequence, i): EditRates => {
        edited.push({ ...sequence, ...options });
        const { ids } = sequence;
        return {
          rates: { set: rates(ids, 0), remove: rates(ids, 1), insert: rates(ids, 2) },
          set: one[i] as NonNullable<(typeof one)[number]>,
          insert: other[i] as NonNullable<(typeof other)[number]>,
        };
      });
    },
  };
}
