/** Tokens that end or pad a text, for the setting `ends`: [PAD], with which dLLM's answers end, and the end-of-text token. */
import type { ModelConfig } from './model.ts';

export function endIds({ ids }: Pick<ModelConfig, 'ids'>): readonly number[] {
  return [...new Set([ids.pad, ids.eos])].filter((id) => id !== undefined);
}
