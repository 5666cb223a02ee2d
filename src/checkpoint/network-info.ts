/** What a network says of itself, from what it is. */
import type { NetworkInfo } from '../diffusion/network.ts';
import { type Arch, isCausal } from '../model/arch.ts';
import { endIds } from './end-ids.ts';

/** The row of a causal network is its guess for the next slot, whatever its family says. */
export function networkInfo(arch: Arch): NetworkInfo {
  const { vocab: vocabSize, maxLength, ids } = arch;
  const causal = isCausal(arch);
  return {
    vocabSize,
    maxLength,
    maskId: ids.mask,
    endIds: endIds(arch),
    causal,
    logitShift: causal ? 1 : arch.logitShift,
    ...(arch.edits && { edits: true }),
  };
}
