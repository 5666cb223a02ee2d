/**
 * Tokens that end or pad a text, for the setting `ends`: [PAD], with which dLLM's answers end, and the end-of-text token.
 * A text that is written from left to right may also end with what separates texts, as those of stories-ar do, and with
 * what generation_config.json says, as transformers' `generate` reads it; samplers of masked models read none.
 */
import { type Arch, isCausal } from '../model/arch.ts';

export function endIds(arch: Pick<Arch, 'ids' | 'layers'>): readonly number[] {
  const { pad, eos, sep, ends = [] } = arch.ids;
  return [...new Set([pad, eos, ...(isCausal(arch) ? [sep, ...ends] : [])])].filter((id) => id !== undefined);
}
