/** Tokens that end or pad a text, for the setting `ends`: [PAD], with which dLLM's answers end, and the end-of-text token. */
import type { Arch } from '../model/arch.ts';

export function endIds({ ids }: Pick<Arch, 'ids'>): readonly number[] {
  return [...new Set([ids.pad, ids.eos])].filter((id) => id !== undefined);
}
