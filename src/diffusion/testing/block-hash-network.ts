/**
 * A network whose logits at a token are a hash of everything that the token sees, ids and positions: any difference in what
 * is read shows at once. It is the denoiser with which dLLM's BD3LMSampler was run for `blocks.golden.json`.
 */
import type { Sequence } from '../network.ts';
import { type TableNetwork, tableNetwork } from './table-network.ts';

export function blockHashNetwork(
  {
    vocabulary,
    maskId,
    never = [],
    hides,
  }: {
    vocabulary: number;
    maskId: number;
    never?: readonly number[];
    /** A token that only its own block sees: for the blocks behind it is not there, and takes no position. */
    hides?: number;
  },
  { salt, peak }: { salt: number; peak: number },
): TableNetwork {
  return tableNetwork(vocabulary, maskId, (ids, slot, { sees, positions } = {}) => {
    const end = sees ? Math.min(ids.length, blockEnd(sees, slot)) : ids.length;
    const isSeen = (place: number) => !(sees && ids[place] === hides && blockEnd(sees, place) < end);
    const seen = Array.from({ length: end }, (_, place) => place).filter(isSeen);
    const at = (place: number) => positions?.[place] ?? (hides === undefined ? place : seen.indexOf(place));
    let hash = (Math.imul(salt, 2654435761) + Math.imul(at(slot), 40503)) >>> 0;
    for (const place of seen) {
      for (const n of [ids[place] as number, 1000 + at(place)]) {
        hash = (Math.imul(hash ^ n, 16777619) ^ (hash >>> 13)) >>> 0;
      }
    }
    return Array.from({ length: vocabulary }, (_, id) => {
      if (id === maskId || never.includes(id)) return -30;
      const mixed = Math.imul(hash ^ Math.imul(id, 2654435761), 2246822507) >>> 0;
      const whole = (mixed ^ (mixed >>> 15)) >>> 0;
      return (Math.floor((whole / 2 ** 32) * 6144 * peak) * 16 + (id % 16)) / 16384;
    });
  });
}

function blockEnd({ blocks, offset }: NonNullable<Sequence['sees']>, slot: number): number {
  return slot < offset ? offset : offset + (Math.floor((slot - offset) / blocks) + 1) * blocks;
}
