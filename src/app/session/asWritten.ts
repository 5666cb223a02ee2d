/** The settings as the loaded model follows them: a causal model's order and pace are those of reading. */
import { appending } from '../../diffusion/processes/autoregressive.ts';
import type { Settings } from '../../diffusion/settings.ts';
import { useCompute } from './compute.ts';

export function asWritten(settings: Settings): Settings {
  return useCompute.getState().model?.causal ? appending(settings) : settings;
}

/** True when the loaded model writes from left to right. */
export const useCausal = (): boolean => useCompute((state) => state.model?.causal === true);
