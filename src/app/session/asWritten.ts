/** The settings as the loaded model follows them: a causal model's order and pace are those of reading. */
import { isOpen } from '../../diffusion/canvas.ts';
import { appending } from '../../diffusion/processes/autoregressive.ts';
import type { Settings } from '../../diffusion/settings.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { useCompute } from './compute.ts';

export function asWritten(settings: Settings): Settings {
  return useCompute.getState().model?.causal ? appending(settings) : settings;
}

/** True when the model of this run sees only what stands before a slot: a pass over several masks asked about one. */
export function useReadsLeft(trace: Trace | undefined): boolean {
  const causal = useCompute(({ model }) => model?.causal === true && model.id === trace?.model.id);
  const asked = trace?.steps[0]?.prediction.slots.length;
  if (asked === undefined) return causal;
  return trace?.settings.process === 'masked' && asked === 1 && trace.start.states.filter(isOpen).length > 1;
}

/** True when the loaded model writes from left to right. */
export const useCausal = (): boolean => useCompute((state) => state.model?.causal === true);
